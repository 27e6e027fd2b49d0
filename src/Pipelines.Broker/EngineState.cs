using Pipelines.Broker.Disk;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <summary>All that the engine knows, and every change to it as a plain method; owned by one loop.</summary>
internal sealed partial class EngineState : IDisposable
{
    private readonly EngineOptions options;
    private readonly IDisk disk;
    private readonly JournalFile journal;
    private readonly Dictionary<string, Topic> topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TransactionState> transactions = new(StringComparer.Ordinal);
    private readonly Dictionary<long, TransactionState> producers = [];
    private readonly Dictionary<string, Dictionary<TopicPartition, GroupOffset>> groups = new(StringComparer.Ordinal);
    private readonly List<(TransactionPrepared Entry, List<PartitionEnd> Markers)> unfinished = [];
    private readonly List<Segment> dirty = [];
    private long nextProducerId = 1;
    private long nextTransaction = 1;

    private EngineState(EngineOptions options, JournalFile journal)
    {
        this.options = options;
        this.journal = journal;
        disk = options.Disk;
    }

    /// <summary>True when a partition has something that is not durable.</summary>
    internal bool HasDirtySegments
    {
        get
        {
            foreach (PartitionLog log in AllLogs())
            {
                foreach (Segment segment in log.Segments)
                {
                    if (segment.IsDirty) return true;
                }
            }

            return false;
        }
    }

    /// <summary>True when the journal has grown beyond its bound.</summary>
    internal bool ShouldRewriteJournal => journal.Length > options.JournalBytes && journal.Length > rewrittenLength * 2;

    private long NowMs => options.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long rewrittenLength;

    internal Topic? FindTopic(string name)
    {
        lock (topics) return topics.GetValueOrDefault(name);
    }

    internal PartitionLog? FindLog(TopicPartition partition)
    {
        Topic? topic = FindTopic(partition.Topic);
        return topic is not null && (uint)partition.Partition < (uint)topic.Partitions.Count ? topic.Partitions[partition.Partition] : null;
    }

    internal IReadOnlyList<Topic> AllTopics()
    {
        lock (topics) return [.. topics.Values];
    }

    /// <summary>Takes everything that is dirty into a round of flushes.</summary>
    internal FlushRound BeginFlush()
    {
        var segments = new List<Segment>();
        var ends = new List<(PartitionLog, long)>();
        foreach (PartitionLog log in AllLogs())
        {
            dirty.Clear();
            log.CollectDirty(dirty);
            if (dirty.Count == 0) continue;
            foreach (Segment segment in dirty)
            {
                segment.IsDirty = false;
                segments.Add(segment);
            }

            ends.Add((log, log.EndOffset));
        }

        return new FlushRound(segments, journal.IsDirty ? journal : null, ends, journal.Length);
    }

    /// <summary>A round has ended: what it covered may be served, and the journal says so for the next start.</summary>
    internal void EndFlush(FlushRound round)
    {
        foreach ((PartitionLog log, long endOffset) in round.Ends) log.Advance(endOffset);
        if (round.Ends.Count > 0)
            journal.Append(new Flushed(round.JournalLength, [.. round.Ends.Select(static end => new PartitionEnd(end.Log.Id, end.EndOffset))]));
        unfinished.RemoveAll(transaction => transaction.Markers.TrueForAll(marker => FindLog(marker.Partition)!.HighWatermark >= marker.EndOffset));
    }

    /// <summary>Without flushes, what is written is served at once.</summary>
    internal void AdvanceAll()
    {
        foreach (PartitionLog log in AllLogs()) log.Advance(log.EndOffset);
    }

    /// <summary>Writes the journal anew with what still matters.</summary>
    internal async ValueTask RewriteJournalAsync()
    {
        await FlushAllAsync();
        await journal.RewriteAsync(Facts());
        rewrittenLength = journal.Length;
    }

    /// <summary>Makes everything durable.</summary>
    internal async ValueTask CloseAsync()
    {
        await FlushAllAsync();
        await journal.FlushAsync();
    }

    public void Dispose()
    {
        journal.Dispose();
        foreach (PartitionLog log in AllLogs()) log.Dispose();
    }

    private async ValueTask FlushAllAsync()
    {
        FlushRound round = BeginFlush();
        await round.RunAsync();
        EndFlush(round);
    }

    private IEnumerable<JournalEntry> Facts()
    {
        foreach (Topic topic in AllTopics()) yield return new TopicCreated(topic.Name, topic.Id, topic.Partitions.Count, topic.Settings);
        foreach (TransactionState transaction in transactions.Values)
            yield return new ProducerOpened(transaction.TransactionalId, transaction.ProducerId, transaction.Epoch);
        yield return new ProducerOpened("", nextProducerId - 1, 0);
        // Offsets of these are older than the ones below, which therefore come later.
        foreach ((TransactionPrepared entry, _) in unfinished) yield return entry;
        foreach ((string group, Dictionary<TopicPartition, GroupOffset> offsets) in groups) yield return new OffsetsCommitted(group, [.. offsets.Values]);
        yield return new Flushed(0, [.. AllLogs().Select(static log => new PartitionEnd(log.Id, log.HighWatermark))]);
    }

    private IEnumerable<PartitionLog> AllLogs()
    {
        foreach (Topic topic in topics.Values)
        {
            foreach (PartitionLog log in topic.Partitions) yield return log;
        }
    }
}

/// <summary>A topic of the engine.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id, which a topic of the same name made later does not share.</param>
/// <param name="Settings">Its settings, in Kafka's words, such as <c>cleanup.policy</c>.</param>
/// <param name="Partitions">Its partitions.</param>
internal sealed record Topic(string Name, Guid Id, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<PartitionLog> Partitions);
