using Pipelines.Soak.Brokers.Faults;

namespace Pipelines.Soak.Brokers;

/// <summary>One round: a new broker, and the faults that are injected into it one after the other.</summary>
/// <param name="Place">Where the broker is.</param>
/// <param name="Durability">What the program is told to acknowledge.</param>
/// <param name="Faults">The faults, each with the seed of what it decides.</param>
/// <param name="Seed">The seed of the clients.</param>
internal sealed record Round(Places Place, string Durability, IReadOnlyList<(FaultKind Kind, int Seed)> Faults, int Seed)
{
    /// <summary>True when members of groups keep what they have while others come and go.</summary>
    internal bool IsCooperative => Seed % 2 == 0;
}

/// <summary>Which faults are injected, in which order: the same for the same seed.</summary>
internal static class Plan
{
    private const int FaultsPerRound = 8;

    /// <summary>The kinds that there are. Some numbers have several: at the program, and at the simulated disk.</summary>
    internal static IReadOnlyList<FaultKind> Kinds { get; } =
        [.. ((FaultKind[])[.. ClientFaults.All, .. ProcessFaults.All, .. GroupFaults.All, .. FileFaults.All, .. DamageFaults.All, .. DiskFaults.All, .. NetworkFaults.All, .. HostileFaults.All, .. BatchFaults.All, .. CrowdFaults.All]).OrderBy(static kind => kind.Number)];

    /// <summary>Faults of the list that concern workers and user functions only.</summary>
    internal static IReadOnlyList<string> OfWorkers { get; } = ["F31 in part: poison records in user functions", "F32 sink failures", "F33 dead-letter topics"];

    /// <summary>The kinds that are named: <c>all</c>, or numbers such as <c>F2,F8,F23</c>.</summary>
    /// <exception cref="ArgumentException">One is not known.</exception>
    internal static IReadOnlyList<FaultKind> Choose(string names)
    {
        if (names == "all") return Kinds;
        string[] wanted = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? unknown = wanted.FirstOrDefault(static name => Kinds.All(kind => kind.Id != name));
        if (unknown is not null || wanted.Length == 0)
            throw new ArgumentException($"There is no fault '{unknown ?? names}' that concerns a broker. Take 'all', or some of {string.Join(", ", Kinds.Select(static kind => kind.Id).Distinct())}.", nameof(names));
        return [.. Kinds.Where(kind => wanted.Contains(kind.Id, StringComparer.Ordinal))];
    }

    /// <summary>Rounds without end: at the program and in this process in turn, each place going through all its kinds before it begins anew.</summary>
    /// <param name="kinds">The kinds to inject.</param>
    /// <param name="places">Where.</param>
    /// <param name="seed">Decides.</param>
    internal static IEnumerable<Round> Rounds(IReadOnlyList<FaultKind> kinds, Places places, int seed)
    {
        var random = new Random(seed);
        Places[] turns = [.. ((Places[])[Places.Simulated, Places.Process]).Where(place => places.HasFlag(place) && kinds.Any(kind => kind.Places.HasFlag(place)))];
        var decks = turns.ToDictionary(static place => place, static _ => new Queue<FaultKind>());
        while (true)
        {
            foreach (Places place in turns)
            {
                var faults = new List<(FaultKind, int)>();
                for (int i = 0; i < FaultsPerRound; i++)
                {
                    if (decks[place].Count == 0)
                    {
                        FaultKind[] deck = [.. kinds.Where(kind => kind.Places.HasFlag(place))];
                        random.Shuffle(deck);
                        foreach (FaultKind kind in deck) decks[place].Enqueue(kind);
                    }

                    faults.Add((decks[place].Dequeue(), random.Next()));
                }

                yield return new Round(place, random.Next(2) == 0 ? "fsync" : "os", faults, random.Next());
            }
        }
    }
}
