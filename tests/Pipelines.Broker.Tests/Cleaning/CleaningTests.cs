namespace Pipelines.Broker.Tests.Cleaning;

public sealed class CleaningTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_is_lost_and_nothing_comes_back_whenever_the_machine_goes_down()
    {
        int seed = Random.Shared.Next();
        var total = new CleaningTotals();
        for (int i = 0; i < 12; i++)
        {
            var run = new CleaningRun(seed + i);
            try
            {
                await run.RunAsync(cycles: 25);
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException($"Seed {seed + i}, after {run.Crashes} crashes: {broken.Message}", broken);
            }

            total.Add(run);
        }

        output.WriteLine($"{total.Crashes} crashes, {total.Dropped} records compacted away, {total.Deletions} topics deleted");
        // Without these the run would prove nothing.
        Assert.True(total.Dropped > 100, $"only {total.Dropped} records were compacted away");
        Assert.True(total.Deletions > 100, $"only {total.Deletions} topics were deleted");
    }

    [Fact]
    public async Task A_disk_that_does_not_flush_is_noticed()
    {
        bool isNoticed = false;
        for (int seed = 0; seed < 20 && !isNoticed; seed++)
        {
            try
            {
                await new CleaningRun(seed, lies: true).RunAsync(cycles: 25);
            }
            catch (Exception)
            {
                isNoticed = true;
            }
        }

        Assert.True(isNoticed);
    }

    private sealed class CleaningTotals
    {
        internal int Crashes { get; private set; }

        internal long Dropped { get; private set; }

        internal int Deletions { get; private set; }

        internal void Add(CleaningRun run)
        {
            Crashes += run.Crashes;
            Dropped += run.Dropped;
            Deletions += run.Deletions;
        }
    }
}
