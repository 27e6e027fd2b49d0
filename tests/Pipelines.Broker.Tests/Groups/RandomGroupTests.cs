using System.Globalization;

namespace Pipelines.Broker.Tests.Groups;

/// <summary>I17 under members that join, leave, crash, come back, stall and lie, and a broker that is killed.</summary>
public sealed class RandomGroupTests
{
    [Fact]
    public void Whatever_happens_partitions_have_one_owner_and_the_group_calms_down()
    {
        int seeds = int.Parse(Environment.GetEnvironmentVariable("GROUP_SEEDS") ?? "3000", CultureInfo.InvariantCulture);
        int first = int.Parse(Environment.GetEnvironmentVariable("GROUP_FIRST_SEED") ?? "1", CultureInfo.InvariantCulture);
        var all = new GroupRun.Counts();
        for (int seed = first; seed < first + seeds; seed++)
        {
            var run = new GroupRun(seed);
            try
            {
                run.Run(steps: 400);
            }
            catch (Exception wrong)
            {
                Assert.Fail($"seed {seed}: {wrong.Message}\n{string.Join('\n', run.Trace.TakeLast(60))}\n{wrong.StackTrace}");
            }

            all.Add(run.Seen);
        }

        TestContext.Current.SendDiagnosticMessage(all.ToString());
        // A run in which nothing happens would prove nothing.
        Assert.True(all.Generations > seeds * 5, all.ToString());
        Assert.True(all.Restarts > seeds, all.ToString());
        Assert.True(all.Fenced > seeds / 2, all.ToString());
        Assert.True(all.Commits > seeds * 10, all.ToString());
        Assert.True(all.TakeOvers > seeds / 2, all.ToString());
        Assert.True(all.ZombieRefusals > seeds, all.ToString());
    }
}
