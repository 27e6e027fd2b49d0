namespace Pipelines.Soak.Brokers;

/// <summary>What was done in a run.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<int, (string Id, long Count)> injected = [];

    internal int Rounds { get; set; }

    internal TimeSpan SlowestRecovery { get; private set; }

    internal IReadOnlyDictionary<string, long> Injected => injected.Values.ToDictionary(static one => one.Id, static one => one.Count);

    /// <summary>What the program had to bear in the worst of all rounds.</summary>
    internal Burden Burden { get; } = new();

    internal void Add(FaultKind kind) => injected[kind.Number] = (kind.Id, injected.GetValueOrDefault(kind.Number).Count + 1);

    internal void SawRecovery(TimeSpan took)
    {
        if (took > SlowestRecovery) SlowestRecovery = took;
    }
}
