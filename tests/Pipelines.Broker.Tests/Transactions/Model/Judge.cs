using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Tests.Transactions.Model;

/// <summary>Knows what clients did and were told, and what was read; says whether the log may look as it does.</summary>
internal sealed class Judge
{
    private readonly List<Attempt> attempts = [];
    private readonly Dictionary<(TopicPartition Partition, long Offset), string> served = [];
    private readonly Dictionary<TopicPartition, long> next = [];
    private readonly Dictionary<TopicPartition, long> stable = [];

    internal Attempt Begin(string transactionalId, ProducerIdentity producer)
    {
        var attempt = new Attempt(transactionalId, attempts.Count(known => known.TransactionalId == transactionalId) + 1, producer);
        attempts.Add(attempt);
        return attempt;
    }

    /// <summary>A producer was told that the id is its: nothing that others have not yet asked to commit may happen any more.</summary>
    internal void Opened(string transactionalId, ProducerIdentity producer)
    {
        foreach (Attempt attempt in attempts.ToArray())
        {
            if (attempt.TransactionalId != transactionalId || attempt.Outcome != Outcome.Open) continue;
            attempt.IsDoomed |= attempt.Producer.ProducerId < producer.ProducerId
                || (attempt.Producer.ProducerId == producer.ProducerId && attempt.Producer.Epoch < producer.Epoch);
        }
    }

    /// <summary>Reads on in one of the partitions, beside what goes on.</summary>
    internal async Task ReadAsync(LogEngine engine, Random random)
    {
        TopicPartition partition = TransactionModel.Partitions[random.Next(TransactionModel.Partitions.Length)];
        long from = next.GetValueOrDefault(partition);
        using FetchResult result = await engine.FetchAsync(partition, from, 1000, readCommitted: true, TimeSpan.Zero);
        Assert.Equal(ErrorCode.None, result.Error);
        Assert.True(result.StableOffset >= stable.GetValueOrDefault(partition), $"{partition}: the last stable offset went from {stable.GetValueOrDefault(partition)} back to {result.StableOffset}");
        Assert.True(result.StableOffset <= result.HighWatermark);
        stable[partition] = result.StableOffset;
        foreach (Seen record in Batches.Decode(result, from, readCommitted: true)) served[(partition, record.Offset)] = record.Value;
        next[partition] = Math.Max(from, result.NextOffset);
    }

    /// <summary>Checks everything while no client can reach the engine.</summary>
    internal async Task CheckAsync(LogEngine engine)
    {
        var found = new HashSet<string>();
        foreach (TopicPartition partition in TransactionModel.Partitions)
        {
            List<Seen> records = await DecidedAsync(engine, partition);
            foreach (Seen record in records) Assert.True(found.Add(record.Value), $"{record.Value} is there twice");
            Dictionary<long, string> byOffset = records.ToDictionary(static record => record.Offset, static record => record.Value);
            foreach (((TopicPartition place, long offset), string value) in served)
            {
                if (place == partition) Assert.True(byOffset.GetValueOrDefault(offset) == value, $"{partition}@{offset} was read as {value} and is now {byOffset.GetValueOrDefault(offset) ?? "gone"}");
            }
        }

        var latest = new Dictionary<string, long>();
        foreach (Attempt attempt in attempts.ToArray())
        {
            if (attempt.Values.Count == 0) continue;
            int there = attempt.Values.Count(value => found.Remove(value.Value));
            Check(attempt, there);
            if (there == 0) continue;
            foreach (string group in attempt.Groups) latest[group] = Math.Max(latest.GetValueOrDefault(group), attempt.Number);
        }

        Assert.Empty(found);
        await CheckOffsetsAsync(engine, latest);
    }

    /// <summary>The records that were committed, by the markers alone, also behind what others hold open; and up to there a reader sees just these.</summary>
    private static async Task<List<Seen>> DecidedAsync(LogEngine engine, TopicPartition partition)
    {
        var decided = new List<Seen>();
        var open = new Dictionary<long, List<Seen>>();
        Assert.NotNull(engine.FindOffsets(partition));
        long end = engine.FindOffsets(partition)!.Value.HighWatermark;
        for (long from = 0; from < end;)
        {
            using FetchResult result = await engine.FetchAsync(partition, from, 1000, readCommitted: false, TimeSpan.Zero);
            List<Seen> seen = Batches.Decode(result, from, readCommitted: false);
            for (int at = 0; RecordBatchHeader.TryRead(result.Bytes.AsSpan(at, result.Length - at), out RecordBatchHeader header); at += header.TotalSize)
            {
                if (!open.TryGetValue(header.ProducerId, out List<Seen>? pending)) open.Add(header.ProducerId, pending = []);
                if (!header.IsControl) pending.AddRange(seen.Where(record => record.Offset >= header.BaseOffset && record.Offset <= header.LastOffset));
                else if (ControlBatch.IsCommit(result.Bytes.AsSpan(at, header.TotalSize))) decided.AddRange(pending);
                if (header.IsControl) pending.Clear();
            }

            from = result.NextOffset;
        }

        decided.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
        (List<Seen> visible, long stable) = await Batches.ReadAllAsync(engine, partition);
        Assert.Equal(decided.Where(record => record.Offset < stable), visible);
        return decided;
    }

    private static void Check(Attempt attempt, int there)
    {
        string what = $"{attempt}: {there} of {attempt.Values.Count} are there";
        Assert.True(there == 0 || there == attempt.Values.Count, what);
        Assert.True(there > 0 || (attempt.Outcome != Outcome.Committed && !attempt.WasVisible), what);
        Assert.True(there == 0 || attempt.Outcome is Outcome.Committed or Outcome.Unknown, what);
        attempt.WasVisible |= there > 0;
    }

    /// <summary>Offsets move with the records of their transactions; of transactions without records only that they move forward is known.</summary>
    private async Task CheckOffsetsAsync(LogEngine engine, Dictionary<string, long> latest)
    {
        foreach (string group in attempts.SelectMany(static attempt => attempt.Groups).Distinct().ToArray())
        {
            (_, GroupOffset? offset) = await engine.FindOffsetAsync(group, Engines.B0);
            long committed = offset?.Offset ?? 0;
            long least = latest.GetValueOrDefault(group);
            Attempt? owner = attempts.FirstOrDefault(attempt => attempt.Number == committed && attempt.Groups.Contains(group));
            bool isRight = committed == least || (committed > least && owner is { Values.Count: 0, Outcome: Outcome.Committed or Outcome.Unknown });
            Assert.True(isRight, $"Group {group} is at {committed} ({owner}), but the last transaction that is visible committed {least}");
        }
    }
}
