using System.Collections.Concurrent;
using System.Globalization;
using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>All that clients recorded in one round: what they meant to send, what they were told, what they read, and what was wrong at once.</summary>
internal sealed class Ledger
{
    private const int ShownExamples = 3;
    private readonly Lock gate = new();
    private readonly List<Attempt> attempts = [];
    private readonly Dictionary<string, long> numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> producers = new();

    internal Ledger() => Groups = new Memberships(this);

    /// <summary>What members of groups were told.</summary>
    internal Memberships Groups { get; }

    /// <summary>What was read, by partition and offset: an offset that was read never changes.</summary>
    internal ConcurrentDictionary<(TopicPartition Partition, long Offset), string> Served { get; } = new();

    internal ConcurrentDictionary<string, (long Count, string Examples)> Violations { get; } = new(StringComparer.Ordinal);

    internal IReadOnlyList<Attempt> Attempts
    {
        get
        {
            lock (gate) return [.. attempts];
        }
    }

    /// <summary>Logs an intent.</summary>
    /// <param name="writer">Who has it.</param>
    /// <param name="counts">How many values are to be written to which partition.</param>
    internal Attempt Begin(string writer, params IEnumerable<(TopicPartition Partition, int Count)> counts) =>
        Begin(writer, counts.ToDictionary(static one => one.Partition, static one => (IReadOnlyList<string>)Enumerable.Repeat("", one.Count).ToArray()));

    /// <summary>Logs an intent to write contents, each with a name of its own before it.</summary>
    internal Attempt Begin(string writer, IReadOnlyDictionary<TopicPartition, IReadOnlyList<string>> contents)
    {
        lock (gate)
        {
            long number = numbers[writer] = numbers.GetValueOrDefault(writer) + 1;
            var attempt = new Attempt(writer, number, contents.ToDictionary(
                static one => one.Key,
                one => one.Value.Select((content, i) => string.Create(CultureInfo.InvariantCulture, $"{writer}:{number}:{one.Key.Partition}:{i}{content}")).ToArray()));
            attempts.Add(attempt);
            return attempt;
        }
    }

    /// <summary>I10: no producer id is handed out twice.</summary>
    /// <param name="producerId">The id.</param>
    /// <param name="owner">The transactional id that has it, or a name of its own for whoever has none.</param>
    internal void SawProducer(long producerId, string owner)
    {
        string known = producers.GetOrAdd(producerId, owner);
        if (known != owner) Violate("a producer id was handed out twice", $"{producerId} to {known} and {owner}");
    }

    /// <summary>A value was read at an offset.</summary>
    internal void SawRecord(TopicPartition partition, long offset, string value)
    {
        string known = Served.GetOrAdd((partition, offset), value);
        if (known != value) Violate("an offset changed its value", $"{partition}@{offset} was {known} and is {value}");
    }

    internal void Violate(string what, string example) => Violations.AddOrUpdate(
        what, (1, example), (_, before) => (before.Count + 1, before.Count < ShownExamples ? $"{before.Examples}; {example}" : before.Examples));
}
