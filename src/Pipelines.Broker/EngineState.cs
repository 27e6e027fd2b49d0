using Pipelines.Broker.Disk;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Topics;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <summary>All that the engine knows, and every change to it as a plain method; owned by one loop.</summary>
internal sealed partial class EngineState : IDisposable
{
    private readonly EngineOptions options;
    private readonly IDisk disk;
    private readonly JournalFile journal;
    private readonly Dictionary<string, TransactionState> transactions = new(StringComparer.Ordinal);
    private readonly Dictionary<long, TransactionState> producers = [];
    private readonly Dictionary<string, Dictionary<TopicPartition, GroupOffset>> groups = new(StringComparer.Ordinal);
    private readonly List<(TransactionPrepared Entry, List<(PartitionLog Log, long EndOffset)> Markers)> unfinished = [];
    private readonly List<IDisposable> toClose = [];
    private readonly ChangedLogs changed = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, string> topicIds = new();
    private volatile Dictionary<string, Topic> topics = new(StringComparer.Ordinal);
    private long nextProducerId = 1;
    private long nextTransaction = 1;
    private long rewrittenLength;
    private long durableJournalLength;
    private bool isFlushing;

    private EngineState(EngineOptions options, JournalFile journal)
    {
        this.options = options;
        this.journal = journal;
        disk = options.Disk;
    }

    /// <summary>True when a partition has something that no round of flushes has taken.</summary>
    internal bool HasChangedLogs => changed.Count > 0;

    /// <summary>True when something was written that no round of flushes has taken.</summary>
    internal bool HasUnflushed => HasChangedLogs || journal.HasHints;

    /// <summary>True when something should become durable though nobody waits for it.</summary>
    internal bool WantsFlush => changed.HasClosedSegment;

    /// <summary>True when the journal has grown beyond its bound.</summary>
    internal bool ShouldRewriteJournal => journal.Length > options.JournalBytes && journal.Length > rewrittenLength * 2;

    /// <summary>What opening found.</summary>
    internal RecoveryReport Recovery { get; private set; } = new(null);

    private long NowMs => options.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    internal Topic? FindTopic(string name) => topics.GetValueOrDefault(name);

    internal Topic? FindTopic(Guid id) => topicIds.TryGetValue(id, out string? name) ? FindTopic(name) : null;

    internal PartitionLog? FindLog(TopicPartition partition) =>
        topics.TryGetValue(partition.Topic, out Topic? topic) && (uint)partition.Partition < (uint)topic.Partitions.Count ? topic.Partitions[partition.Partition] : null;

    internal IReadOnlyCollection<Topic> AllTopics() => topics.Values;

    /// <summary>Takes everything that was changed into a round of flushes.</summary>
    internal FlushRound BeginFlush()
    {
        var segments = new List<Segment>();
        var ends = new List<(PartitionLog, long)>(changed.Count);
        foreach (PartitionLog log in changed.All)
        {
            log.TakeDirty(segments);
            ends.Add((log, log.EndOffset));
        }

        changed.Clear();
        isFlushing = true;
        if (!journal.IsDirty) return new FlushRound(segments, null, ends, durableJournalLength);
        journal.TakeDirty();
        return new FlushRound(segments, journal, ends, journal.Length);
    }

    /// <summary>A round has ended: what it covered may be served, and the journal says so for the next start.</summary>
    internal void EndFlush(FlushRound round)
    {
        isFlushing = false;
        durableJournalLength = round.JournalLength;
        // A topic of the same name may be there already, which has nothing to do with the deleted one.
        (PartitionLog Log, long EndOffset)[] ends = [.. round.Ends.Where(static end => !end.Log.IsDeleted)];
        foreach ((PartitionLog log, long endOffset) in ends) log.Advance(endOffset);
        if (ends.Length > 0 || !journal.IsProven) journal.AppendHint(new Flushed(round.JournalLength, [.. ends.Select(static end => new PartitionEnd(end.Log.Id, end.EndOffset))]));
        foreach ((PartitionLog log, long endOffset) in ends) log.SaveCheckpoints(endOffset);
        unfinished.RemoveAll(static transaction => transaction.Markers.TrueForAll(static marker => marker.Log.IsDeleted || marker.Log.HighWatermark >= marker.EndOffset));
        foreach (IDisposable file in toClose) file.Dispose();
        toClose.Clear();
    }

    /// <summary>What nobody waits for has waited long enough.</summary>
    internal void FlushHints() => journal.FlushHints();

    /// <summary>Without flushes, what is written is served at once.</summary>
    internal void ServeAll() => changed.ServeAll();

    /// <summary>Nobody waits for more to read any longer.</summary>
    internal void WakeAll()
    {
        foreach (PartitionLog log in AllLogs()) log.WakeAll();
    }

    /// <summary>Writes the journal anew with what still matters.</summary>
    internal async ValueTask RewriteJournalAsync()
    {
        await FlushAllAsync();
        await journal.RewriteAsync(Facts());
        rewrittenLength = durableJournalLength = journal.Length;
    }

    /// <summary>Makes everything durable, and the next start short.</summary>
    internal async ValueTask CloseAsync()
    {
        await FlushAllAsync();
        foreach (PartitionLog log in AllLogs()) log.SaveLastCheckpoint();
        await journal.FlushAsync();
    }

    public void Dispose()
    {
        journal.Dispose();
        foreach (IDisposable file in toClose) file.Dispose();
        foreach (PartitionLog log in AllLogs()) log.Dispose();
    }

    private async ValueTask FlushAllAsync()
    {
        FlushRound round = BeginFlush();
        await round.RunAsync();
        EndFlush(round);
    }

    /// <summary>Files may not be closed while a round of flushes is under way, which may have them in it.</summary>
    private void CloseUnflushed(IDisposable file)
    {
        if (isFlushing) toClose.Add(file);
        else file.Dispose();
    }

    private IEnumerable<JournalEntry> Facts()
    {
        if (clusterId is not null) yield return new ClusterNamed(clusterId);
        foreach (Topic topic in topics.Values) yield return new TopicCreated(topic.Name, topic.Id, topic.Partitions.Count, topic.Settings);
        foreach (PartitionLog log in AllLogs())
        {
            if (log.StartOffset > 0) yield return new LogStartMoved(log.Id, log.StartOffset);
            if (log.CompactedTo > 0) yield return new LogCompacted(log.Id, -1, -1, log.CompactedTo, -1);
        }

        yield return new ProducerOpened("", nextProducerId - 1, 0, 0, -1, -1, null);
        // Older than what follows of the same producers and groups, so they come first.
        foreach ((TransactionPrepared entry, List<(PartitionLog Log, long EndOffset)> markers) in unfinished)
            yield return entry with { Ends = [.. entry.Ends.Where((_, i) => !markers[i].Log.IsDeleted)] };
        foreach (TransactionState transaction in transactions.Values)
        {
            yield return Opened(transaction);
            if (transaction.Partitions.Count > 0) yield return new TransactionGrown(transaction.ProducerId, transaction.Epoch, [.. transaction.Partitions], "", []);
            foreach ((string group, Dictionary<TopicPartition, GroupOffset> offsets) in transaction.Groups)
                yield return new TransactionGrown(transaction.ProducerId, transaction.Epoch, [], group, [.. offsets.Values]);
        }

        // What was deleted since must not come back with the transactions above.
        foreach ((TransactionPrepared entry, _) in unfinished)
        {
            foreach (GroupOffsets offsets in entry.Groups) yield return new GroupDeleted(offsets.Group, KeepsOffsets: false);
        }

        foreach ((string group, Dictionary<TopicPartition, GroupOffset> offsets) in groups) yield return new OffsetsCommitted(group, [.. offsets.Values]);
        foreach (GroupSnapshot membership in memberships.Values) yield return new GroupSaved(membership);
        foreach ((string group, IReadOnlyDictionary<string, string> settings) in groupSettings) yield return new GroupAltered(group, settings);
        foreach (JournalEntry entry in SecurityFacts()) yield return entry;
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
