using System.Globalization;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Tests.Transactions.Model;
using Xunit.Sdk;

namespace Pipelines.Broker.Tests.Transactions;

public sealed class TransactionModelTests
{
    // More of them: PIPELINES_MODEL_SEEDS=first-count. The same seed gives the same run.
    private static readonly int[] Range =
        [.. (Environment.GetEnvironmentVariable("PIPELINES_MODEL_SEEDS") ?? "1-40").Split('-').Select(static part => int.Parse(part, CultureInfo.InvariantCulture))];

    [Fact]
    public void Transactions_are_whole_or_not_there_whatever_clients_connections_and_disks_do()
    {
        var total = new Dictionary<string, int>();
        for (int seed = Range[0]; seed < Range[0] + Range[1]; seed++)
        {
            var model = new TransactionModel(seed);
            try
            {
                model.Run(crashes: 6);
            }
            catch (Exception violation)
            {
                throw new InvalidOperationException($"Seed {seed}: {violation.Message}\n{string.Join('\n', model.Trace.TakeLast(200))}", violation);
            }

            foreach ((string what, int count) in model.Counts) total[what] = total.GetValueOrDefault(what) + count;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", total.Select(static count => $"{count.Value} {count.Key}")));
        foreach (string what in (string[])["committed", "fenced", "late", "lost answers", "takeovers", "crashes", "concurrent"])
            Assert.True(total.GetValueOrDefault(what) > Range[1] / 4, $"Only {total.GetValueOrDefault(what)} {what} in {Range[1]} runs: they test less than they seem to");
    }

    [Fact]
    public void Late_requests_are_found_out_when_nothing_refuses_them() =>
        Assert.True(CountViolations(static seed => new TransactionModel(seed, refusesLeftConnections: false)) > 0);

    [Fact]
    public void A_disk_that_lies_about_flushes_is_found_out() =>
        Assert.True(CountViolations(static seed => new TransactionModel(seed, lies: true)) > 0);

    /// <summary>How many of twenty runs end with a violation, however it shows.</summary>
    private static int CountViolations(Func<int, TransactionModel> make)
    {
        int violations = 0;
        for (int seed = 1; seed <= 20; seed++)
        {
            try
            {
                make(seed).Run(crashes: 6);
            }
            catch (Exception violation) when (violation is XunitException or CorruptLogException)
            {
                violations++;
            }
        }

        return violations;
    }
}
