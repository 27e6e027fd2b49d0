using System.Globalization;
using Pipelines.Broker.Tests.Support;

namespace Pipelines.Broker.Tests;

public sealed class CrashTests
{
    // Other seeds: PIPELINES_CRASH_SEED=n. The same seed gives the same faults, not the same interleaving.
    private static readonly int FirstSeed = int.Parse(Environment.GetEnvironmentVariable("PIPELINES_CRASH_SEED") ?? "0", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Nothing_is_lost_repeated_torn_or_changed_by_crashes_anywhere(int part)
    {
        int committed = 0;
        for (int i = 0; i < 5; i++)
        {
            var run = new CrashRun(FirstSeed + (part * 1000) + i);
            try
            {
                await run.RunAsync(cycles: 20);
            }
            catch (Exception violation)
            {
                throw new InvalidOperationException($"Seed {FirstSeed + (part * 1000) + i}, after {run.Crashes} crashes: {violation.Message}\n{string.Join('\n', run.Trace)}", violation);
            }

            committed += run.Committed;
        }

        Assert.True(committed > 100, $"Only {committed} transactions were committed: the workload tests nothing");
    }

    [Fact]
    public async Task A_disk_that_lies_about_flushes_is_found_out()
    {
        int violations = 0;
        for (int seed = 1; seed <= 10; seed++)
        {
            try
            {
                await new CrashRun(seed, lies: true).RunAsync(cycles: 10);
            }
            catch (Exception)
            {
                violations++;
            }
        }

        Assert.True(violations > 0, "Lost acknowledged writes went unnoticed: the checks check nothing");
    }
}
