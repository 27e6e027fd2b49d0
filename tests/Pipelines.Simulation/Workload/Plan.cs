namespace Pipelines.Simulation.Workload;

/// <summary>What one seed draws: topics, deployments, detectors and the number of lives.</summary>
internal sealed class Plan
{
    private static readonly string[] Detectors = ["counter", "windows", "grouping"];

    internal Plan(Random random)
    {
        Partitions = random.Next(1, 4);
        Keys = random.Next(1, 8);
        Transactions = random.Next(3, 30);
        Lives = random.Next(1, 7);
        CommitFailureRate = random.Next(3) == 0 ? random.NextDouble() * 0.3 : 0;
        PoisonRate = random.Next(2) == 0 ? random.NextDouble() * 0.2 : 0;
        LateRate = random.Next(2) == 0 ? random.NextDouble() * 0.2 : 0;
        SegmentBytes = random.Next(2) == 0 ? 1 << 20 : random.Next(2_000, 20_000);
        JournalBytes = random.Next(2) == 0 ? 1 << 20 : random.Next(2_000, 10_000);
        int deployments = random.Next(1, 4);
        for (int i = 0; i < deployments; i++)
        {
            HashSet<string> chosen = [.. Detectors.Where(_ => random.Next(2) == 0)];
            if (chosen.Count == 0) chosen.Add(Detectors[random.Next(Detectors.Length)]);
            Deployments.Add(($"d{i}", chosen));
        }
    }

    internal int Partitions { get; }

    internal int Keys { get; }

    internal int Transactions { get; }

    internal int Lives { get; }

    internal double CommitFailureRate { get; }

    internal double PoisonRate { get; }

    internal double LateRate { get; }

    internal long SegmentBytes { get; }

    internal long JournalBytes { get; }

    internal List<(string Name, IReadOnlySet<string> Detectors)> Deployments { get; } = [];
}
