using System.Collections.Concurrent;
using System.Globalization;
using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers;

/// <summary>
/// What clients wrote into a compacted topic, and what a reader of all of it must find, whenever it reads (I16): of each key the last committed record or a later one, never one that
/// was aborted, each where it was written; nothing old behind a tombstone, and the tombstone itself for <c>delete.retention.ms</c>.
/// </summary>
/// <param name="ledger">Is told what is wrong.</param>
/// <param name="jumps">How often the broker's wall clock has jumped: nobody knows then how long a tombstone stays.</param>
internal sealed class KeyedLedger(Ledger ledger, Func<int> jumps)
{
    /// <summary>The topic's <c>delete.retention.ms</c>.</summary>
    internal const int RetentionMs = 2000;

    // So many that the last word on some of them is an aborted record, and stays so.
    private const int KeysOfWriter = 30;
    private readonly Lock gate = new();
    private readonly Dictionary<string, (KeyedWrite Write, KeyedAttempt Attempt, TopicPartition Partition)> origins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<KeyedWrite>> keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> places = new(StringComparer.Ordinal);
    private KeyedFigures figures;

    /// <summary>What is known when a reader begins at the start of the log.</summary>
    /// <param name="Floors">By key, the order of the last record that has to be there, if no later one is.</param>
    /// <param name="Began">When, and how often the broker's clock had jumped by then.</param>
    internal sealed record Scan(IReadOnlyDictionary<string, int> Floors, (long Ticks, int Jumps) Began);

    internal KeyedFigures Figures => figures;

    private (long Ticks, int Jumps) Now => (Environment.TickCount64, jumps());

    /// <summary>Logs an intent to write some records, one in four of them a tombstone, under keys that only this writer has.</summary>
    /// <param name="writer">Who has it.</param>
    /// <param name="partition">The only partition to write to; null for any of them.</param>
    /// <param name="random">Decides.</param>
    internal KeyedAttempt Begin(string writer, TopicPartition? partition, Random random)
    {
        lock (gate)
        {
            long number = numbers[writer] = numbers.GetValueOrDefault(writer) + 1;
            var writes = new Dictionary<TopicPartition, List<KeyedWrite>>();
            for (int i = random.Next(1, 5); i > 0; i--)
            {
                int choice = random.Next(KeysOfWriter);
                TopicPartition place = partition ?? new TopicPartition(Topics.Keyed, choice % Topics.Partitions);
                string key = $"{writer}/{choice}";
                if (!keys.TryGetValue(key, out List<KeyedWrite>? former)) keys[key] = former = [];
                var write = new KeyedWrite(key, former.Count, string.Create(CultureInfo.InvariantCulture, $"{key}:{number}:{former.Count}"), IsTombstone: random.Next(4) == 0);
                former.Add(write);
                if (!writes.TryGetValue(place, out List<KeyedWrite>? those)) writes[place] = those = [];
                those.Add(write);
            }

            var attempt = new KeyedAttempt(writer, number, writes.ToDictionary(static one => one.Key, static one => one.Value.ToArray())) { Began = Now };
            foreach ((TopicPartition place, List<KeyedWrite> those) in writes) those.ForEach(write => origins.Add(write.Value, (write, attempt, place)));
            return attempt;
        }
    }

    /// <summary>A reader begins at the start of a partition.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="isDecided">
    /// True when no transaction is open: then whatever is committed has to be there. Before, a transaction that began earlier may hold it back, but not what somebody has read already.
    /// </param>
    internal Scan BeginScan(TopicPartition partition, bool isDecided)
    {
        (long, int) now = Now;
        lock (gate)
        {
            var floors = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach ((KeyedWrite write, KeyedAttempt attempt, TopicPartition place) in origins.Values)
            {
                if (place == partition && attempt.Outcome == Outcome.Committed && (isDecided || places.ContainsKey(write.Value))) floors[write.Key] = Math.Max(write.Order, floors.GetValueOrDefault(write.Key));
            }

            return new Scan(floors, now);
        }
    }

    /// <summary>A reader has come to the end of a partition.</summary>
    internal void Judge(TopicPartition partition, Scan scan, IReadOnlyList<(long Offset, string Value)> records)
    {
        (long Ticks, int Jumps) now = Now;
        lock (gate)
        {
            var found = new Dictionary<string, KeyedWrite>(StringComparer.Ordinal);
            long last = -1;
            foreach ((long offset, string value) in records)
            {
                if (offset <= last) ledger.Violate("offsets of a compacted topic do not grow", $"{partition}@{offset} after {last}");
                last = offset;
                if (JudgeRecord(partition, offset, value) is not { } write) continue;
                if (found.TryGetValue(write.Key, out KeyedWrite? before) && before.Order >= write.Order) ledger.Violate("records of a key are out of order", $"{partition}@{offset} {value} after {before.Value}");
                found[write.Key] = write;
            }

            // Before a tombstone can go, what is older was taken out, and half of the time is more than that takes.
            bool isShort = now.Jumps == scan.Began.Jumps && now.Ticks - scan.Began.Ticks < RetentionMs / 2;
            foreach ((string key, int floor) in scan.Floors) JudgeKey(partition, key, floor, found.GetValueOrDefault(key), isShort, now);
            figures += new KeyedFigures { Scans = 1 };
        }
    }

    /// <summary>At the end: a transaction of which a record was seen is committed, with all that belongs to it.</summary>
    internal void Settle()
    {
        foreach ((string value, _) in places)
        {
            if (origins[value].Attempt is { Outcome: Outcome.Unknown } attempt) attempt.Outcome = Outcome.Committed;
        }
    }

    /// <summary>Counts what there was to be wrong, when all is over.</summary>
    /// <param name="left">The records that are left in all partitions.</param>
    internal void Count(int left)
    {
        int aborted = origins.Values.Count(static one => one.Attempt.Outcome == Outcome.Aborted);
        int committed = origins.Values.Count(static one => one.Attempt.Outcome == Outcome.Committed);
        figures += new KeyedFigures
        {
            Records = committed,
            Aborted = aborted,
            Tombstones = origins.Values.Count(static one => one.Attempt.Outcome == Outcome.Committed && one.Write.IsTombstone),
            Compacted = committed - left,
        };
    }

    private KeyedWrite? JudgeRecord(TopicPartition partition, long offset, string value)
    {
        if (!origins.TryGetValue(value, out (KeyedWrite Write, KeyedAttempt Attempt, TopicPartition Partition) origin) || origin.Partition != partition)
        {
            ledger.Violate("a record that nobody sent", $"{partition}@{offset} {value}");
            return null;
        }

        if (origin.Attempt.Outcome == Outcome.Aborted) ledger.Violate("an aborted record of a compacted topic was seen", $"{partition}@{offset} {value}, {origin.Attempt}");
        long known = places.GetOrAdd(value, offset);
        if (known != offset) ledger.Violate("a record of a compacted topic has another offset", $"{value} at {partition}@{offset} was at {known}");
        return origin.Write;
    }

    private void JudgeKey(TopicPartition partition, string key, int floor, KeyedWrite? found, bool isShort, (long Ticks, int Jumps) now)
    {
        if (found?.Order >= floor) return;
        KeyedWrite[] since = [.. keys[key].Skip(floor)];
        string what = $"{key} in {partition}: {found?.Value ?? "nothing"} where {since[0].Value}{(since[0].IsTombstone ? " (a tombstone)" : "")} was committed";
        // Only a tombstone goes without something later.
        KeyedWrite[] tombstones = [.. since.Where(write => write.IsTombstone && origins[write.Value].Attempt.Outcome != Outcome.Aborted)];
        if (tombstones.Length == 0) ledger.Violate("the last committed record of a key is gone", what);
        else if (!tombstones.Any(IsOver)) ledger.Violate("a tombstone went before its time", what);
        else if (found is not null && isShort) ledger.Violate("a deleted key came back", what);

        bool IsOver(KeyedWrite tombstone)
        {
            (long ticks, int count) = origins[tombstone.Value].Attempt.Began;
            return now.Jumps != count || now.Ticks - ticks >= RetentionMs;
        }
    }
}

/// <summary>What happened to compacted topics.</summary>
internal readonly record struct KeyedFigures
{
    /// <summary>Committed records.</summary>
    public long Records { get; init; }

    /// <summary>Aborted ones.</summary>
    public long Aborted { get; init; }

    /// <summary>Tombstones among the committed ones.</summary>
    public long Tombstones { get; init; }

    /// <summary>Committed records that compaction has taken out.</summary>
    public long Compacted { get; init; }

    /// <summary>How often somebody read a partition from its start to its end.</summary>
    public long Scans { get; init; }

    public static KeyedFigures operator +(KeyedFigures one, KeyedFigures other) => new()
    {
        Records = one.Records + other.Records,
        Aborted = one.Aborted + other.Aborted,
        Tombstones = one.Tombstones + other.Tombstones,
        Compacted = one.Compacted + other.Compacted,
        Scans = one.Scans + other.Scans,
    };
}
