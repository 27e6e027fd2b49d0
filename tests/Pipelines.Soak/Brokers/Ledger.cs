using System.Collections.Concurrent;
using System.Globalization;
using Pipelines.Broker.Log;
using Pipelines.Soak.Brokers.Processes;

namespace Pipelines.Soak.Brokers;

/// <summary>All that clients recorded in one round: what they meant to send, what they were told, what they read, and what was wrong at once.</summary>
internal sealed class Ledger
{
    private const int ShownExamples = 3;
    private readonly Func<Note, long>? ask;
    private readonly Lock gate = new();
    private readonly List<Attempt> attempts = [];
    private readonly Dictionary<string, long> numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> producers = new();

    /// <param name="ask">Notes something in the ledger of another process, and tells its answer; null to keep the ledger here.</param>
    internal Ledger(Func<Note, long>? ask = null)
    {
        this.ask = ask;
        Groups = new Memberships(this, ask);
    }

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
        if (ask is not null)
        {
            long told = ask(new BegunNote(writer, [.. contents.Select(static one => new BegunNote.Content(one.Key, one.Value))]));
            return new Attempt(writer, told, Name(writer, told, contents), outcome => ask(new OutcomeNote(outcome)));
        }

        lock (gate)
        {
            long number = numbers[writer] = numbers.GetValueOrDefault(writer) + 1;
            var attempt = new Attempt(writer, number, Name(writer, number, contents));
            attempts.Add(attempt);
            return attempt;
        }
    }

    /// <summary>I10: no producer id is handed out twice.</summary>
    /// <param name="producerId">The id.</param>
    /// <param name="owner">The transactional id that has it, or a name of its own for whoever has none.</param>
    internal void SawProducer(long producerId, string owner)
    {
        if (ask is not null)
        {
            ask(new ProducerNote(producerId, owner));
            return;
        }

        string known = producers.GetOrAdd(producerId, owner);
        if (known != owner) Violate("a producer id was handed out twice", $"{producerId} to {known} and {owner}");
    }

    /// <summary>A value was read at an offset.</summary>
    internal void SawRecord(TopicPartition partition, long offset, string value)
    {
        string known = Served.GetOrAdd((partition, offset), value);
        if (known != value) Violate("an offset changed its value", $"{partition}@{offset} was {known} and is {value}");
    }

    internal void Violate(string what, string example)
    {
        if (ask is not null) ask(new ViolationNote(what, example));
        else Violations.AddOrUpdate(what, (1, example), (_, before) => (before.Count + 1, before.Count < ShownExamples ? $"{before.Examples}; {example}" : before.Examples));
    }

    private static Dictionary<TopicPartition, string[]> Name(string writer, long number, IReadOnlyDictionary<TopicPartition, IReadOnlyList<string>> contents) => contents.ToDictionary(
        static one => one.Key,
        one => one.Value.Select((content, i) => string.Create(CultureInfo.InvariantCulture, $"{writer}:{number}:{one.Key.Partition}:{i}{content}")).ToArray());
}
