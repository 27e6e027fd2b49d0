using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Simulation.World;

namespace Pipelines.Simulation.Workload;

/// <summary>Sends the workload in transactions and remembers what was acknowledged. What it was not told about it never sends again.</summary>
internal sealed class Feeder(Plan plan, Random random, FaultCounts counts)
{
    private long nextNumber = 1;
    private long clockMs = 1_700_000_000_000;
    private int sent;

    /// <summary>The numbers of each transaction that was acknowledged.</summary>
    internal HashSet<long> Acknowledged { get; } = [];

    /// <summary>The numbers of each transaction that was sent: all or none of them must be there.</summary>
    internal List<List<long>> Sent { get; } = [];

    internal bool IsDone => sent >= plan.Transactions;

    internal async Task RunAsync(IBroker broker, TimeProvider clock)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "feeder", clock);
        await writer.PrepareAsync("items", plan.Partitions);
        List<long> begun = [];
        while (!IsDone)
        {
            var numbers = new List<long>();
            for (int left = random.Next(1, 12); left > 0; left--) numbers.Add(Send(writer));
            Sent.Add(numbers);
            sent++;
            // Every third is only begun: it is acknowledged when the next call returns, and there is a next one.
            bool isOnlyBegun = sent % 3 == 1 && !IsDone;
            if (isOnlyBegun) await writer.BeginCommitAsync();
            else await writer.CommitAsync();
            Acknowledged.UnionWith(begun);
            begun = numbers;
            if (isOnlyBegun) continue;
            Acknowledged.UnionWith(numbers);
            begun = [];
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 200)), clock);
        }
    }

    private long Send(RecordWriter writer)
    {
        clockMs += random.Next(0, 3000);
        long at = clockMs - random.Next(0, 1500);
        if (random.NextDouble() < plan.LateRate)
        {
            at -= random.Next(0, 60_000);
            counts.LateRecords++;
        }

        bool isPoison = random.NextDouble() < plan.PoisonRate;
        if (isPoison) counts.PoisonRecords++;
        long number = nextNumber++;
        writer.Send(new Item($"key-{random.Next(plan.Keys)}", number, random.Next(1, 100), isPoison, at));
        return number;
    }
}
