using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>Opening what a former process left. Everything it writes it could write again: a crash in recovery does no harm.</content>
internal sealed partial class EngineState
{
    internal static async Task<EngineState> OpenAsync(EngineOptions options)
    {
        long began = options.Clock.GetTimestamp();
        var report = new RecoveryReport(options.OnRecovery);
        options.Disk.CreateFolder(TopicsFolder);
        if (!JournalFile.IsIn(options.Disk) && options.Disk.ListFolders(TopicsFolder).Count > 0)
            throw new CorruptLogException(JournalFile.Name, "is missing, but the folder holds topics. Without it nobody knows what was committed: restore it from a backup, or use another folder.");
        (JournalFile journal, List<JournalEntry> entries) = JournalFile.Open(options.Disk, report);
        var state = new EngineState(options, journal) { Recovery = report };
        try
        {
            // Files are deleted and replaced by what it says: after a kill, that may be with the system only.
            await journal.FlushAsync();
            state.OpenLogs(entries);
            List<TransactionPrepared> committed = state.Replay(entries);
            // A killed process leaves in the system's cache what a power cut would still take away. Records, and what was decided by them, are
            // durable before a marker says so: it might survive in one partition, and the records be lost in another.
            await state.FlushAllAsync();
            state.CompleteCommits(committed);
            state.AbortOrphans();
            await state.FlushAllAsync();
            foreach (PartitionLog log in state.AllLogs()) log.Advance(log.EndOffset);
            state.unfinished.Clear();
            report.Elapsed = options.Clock.GetElapsedTime(began);
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    private void OpenLogs(List<JournalEntry> entries)
    {
        var proven = new Dictionary<TopicPartition, long>();
        var starts = new Dictionary<TopicPartition, long>();
        var compactions = new Dictionary<TopicPartition, List<LogCompacted>>();
        foreach (JournalEntry entry in entries)
        {
            switch (entry)
            {
                case TopicCreated created:
                    Forget(created.Name);
                    AddTopic(created);
                    break;
                case TopicDeleted deleted:
                    if (FindTopic(deleted.Name)?.Id != deleted.Id) break;
                    Forget(deleted.Name);
                    RemoveTopic(deleted);
                    break;
                case PartitionsCreated created:
                    AddPartitions(created);
                    break;
                case TopicAltered altered:
                    Apply(altered);
                    break;
                case LogCompacted compacted:
                    if (!compactions.TryGetValue(compacted.Partition, out List<LogCompacted>? all)) compactions.Add(compacted.Partition, all = []);
                    all.Add(compacted);
                    nextCompaction = Math.Max(nextCompaction, compacted.Number + 1);
                    break;
                case LogStartMoved moved:
                    starts[moved.Partition] = moved.Offset;
                    break;
                case Flushed flushed:
                    foreach (PartitionEnd end in flushed.Ends) proven[end.Partition] = Math.Max(end.EndOffset, proven.GetValueOrDefault(end.Partition));
                    break;
                case LogShortened shortened:
                    proven[shortened.End.Partition] = shortened.End.EndOffset;
                    break;
            }
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (PartitionLog log in AllLogs())
        {
            known.Add(log.Id.ToString());
            long provenOffset = proven.GetValueOrDefault(log.Id);
            long start = starts.GetValueOrDefault(log.Id);
            log.Open(provenOffset, start, compactions.GetValueOrDefault(log.Id) ?? [], NowMs, Recovery);
            if (log.EndOffset < provenOffset) journal.Append(new LogShortened(new PartitionEnd(log.Id, log.EndOffset)));
            if (log.StartOffset < start) journal.Append(new LogStartMoved(log.Id, log.StartOffset));
        }

        foreach (string folder in disk.ListFolders(TopicsFolder))
        {
            if (known.Contains(folder)) continue;
            Recovery.Add($"{TopicsFolder}/{folder} was removed: it is of no topic. A crash cut short that one was created, or that one was deleted.");
            disk.DeleteFolder($"{TopicsFolder}/{folder}");
        }

        void Forget(string topic)
        {
            foreach (TopicPartition partition in proven.Keys.Where(partition => partition.Topic == topic)) proven.Remove(partition);
            foreach (TopicPartition partition in starts.Keys.Where(partition => partition.Topic == topic)) starts.Remove(partition);
            foreach (TopicPartition partition in compactions.Keys.Where(partition => partition.Topic == topic)) compactions.Remove(partition);
        }
    }

    /// <summary>Takes the journal's facts in, in order.</summary>
    /// <returns>The prepared transactions that count as committed.</returns>
    private List<TransactionPrepared> Replay(List<JournalEntry> entries)
    {
        HashSet<long> known = [.. entries.OfType<TransactionGivenUp>().Select(static entry => entry.Number)];
        var committed = new List<TransactionPrepared>();
        var givenUp = new List<TransactionPrepared>();
        var deletions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i] is TopicDeleted gone) deletions[gone.Name] = i;
        }

        for (int i = 0; i < entries.Count; i++)
        {
            JournalEntry entry = entries[i];
            switch (entry)
            {
                case TopicCreated created:
                    ForgetOffsets(created.Name);
                    break;
                case TopicDeleted deleted:
                    ForgetOffsets(deleted.Name);
                    break;
                case ClusterNamed named:
                    clusterId = named.Id;
                    break;
                case ProducerOpened opened:
                    Replay(opened);
                    break;
                case OffsetsCommitted offsets:
                    Apply(offsets.Group, offsets.Offsets);
                    break;
                case GroupSaved or GroupDeleted or GroupOffsetsDeleted or GroupAltered:
                    ReplayMembership(entry);
                    break;
                case ScramChanged or AclsCreated or AclsDeleted:
                    ReplaySecurity(entry);
                    break;
                case TransactionGrown grown:
                    if (Owner(grown.ProducerId, grown.Epoch) is not { } growing) break;
                    growing.Begin(options.Clock);
                    growing.Grow(grown.Partitions, grown.Group, grown.Offsets);
                    break;
                case TransactionAborted aborted:
                    Owner(aborted.ProducerId, aborted.Epoch)?.End(committed: false);
                    break;
                case TransactionPrepared all:
                    // What was deleted later has nothing to say about whether the commit is whole.
                    TransactionPrepared prepared = all with { Ends = [.. all.Ends.Where(end => deletions.GetValueOrDefault(end.Partition.Topic, -1) < i)] };
                    nextTransaction = Math.Max(nextTransaction, prepared.Number + 1);
                    nextProducerId = Math.Max(nextProducerId, prepared.NextId + 1);
                    bool isWhole = !known.Contains(prepared.Number) && prepared.Ends.All(end => FindLog(end.Partition) is { } log && log.EndOffset >= end.EndOffset);
                    (isWhole ? committed : givenUp).Add(prepared);
                    if (Owner(prepared.ProducerId, prepared.Epoch) is { } ending) Replay(prepared, ending, isWhole);
                    if (isWhole) Apply(prepared.Groups);
                    break;
            }
        }

        foreach (TransactionPrepared prepared in givenUp) GiveUp(prepared, isNews: !known.Contains(prepared.Number));
        foreach (TransactionState transaction in transactions.Values) FenceByMarkers(transaction);
        return committed;
    }

    private TransactionState? Owner(long producerId, short epoch) =>
        producers.TryGetValue(producerId, out TransactionState? transaction) && transaction.ProducerId == producerId && transaction.Epoch == epoch ? transaction : null;

    private void Replay(ProducerOpened opened)
    {
        nextProducerId = Math.Max(nextProducerId, opened.ProducerId + 1);
        if (opened.TransactionalId.Length == 0) return;
        if (!transactions.TryGetValue(opened.TransactionalId, out TransactionState? transaction))
            transactions.Add(opened.TransactionalId, transaction = new TransactionState(opened.TransactionalId, opened.ProducerId));
        transaction.Reset();
        transaction.Identify(opened.ProducerId, opened.Epoch, opened.FormerId < 0 ? null : (opened.FormerId, opened.FormerEpoch), opened.FormerCommitted);
        transaction.Timeout = TimeSpan.FromMilliseconds(opened.TimeoutMs);
        transaction.LastCommitted = opened.LastCommitted;
        producers[opened.ProducerId] = transaction;
    }

    private void Replay(TransactionPrepared prepared, TransactionState owner, bool isWhole)
    {
        owner.End(isWhole);
        if (!isWhole || prepared.NextId < 0) return;
        owner.Identify(prepared.NextId, prepared.NextEpoch, (prepared.ProducerId, prepared.Epoch), formerCommitted: true);
        producers[prepared.NextId] = owner;
    }

    /// <summary>A commit's records are not all there, so it was never acknowledged. Said now, since the logs will grow past its ends.</summary>
    private void GiveUp(TransactionPrepared prepared, bool isNews)
    {
        if (isNews) journal.Append(new TransactionGivenUp(prepared.Number));
        // A producer that asks again must not be told that it was committed.
        if (Owner(prepared.ProducerId, prepared.Epoch) is not { } owner) return;
        owner.Reset();
        Fence(owner);
        journal.Append(Opened(owner));
    }

    /// <summary>A marker of a later epoch than the journal knows: the crash took away that the producer was fenced, and part of its markers.</summary>
    private void FenceByMarkers(TransactionState transaction)
    {
        short epoch = AllLogs().Select(log => log.EpochOf(transaction.ProducerId)).DefaultIfEmpty((short)-1).Max();
        if (epoch <= transaction.Epoch) return;
        transaction.Reset();
        transaction.Epoch = (short)(epoch - 1);
        Fence(transaction);
        journal.Append(Opened(transaction));
    }

    private void CompleteCommits(List<TransactionPrepared> committed)
    {
        // In the order of the decisions: lost markers come back as they were.
        foreach (TransactionPrepared prepared in committed)
        {
            bool wasMissing = false;
            foreach (PartitionEnd end in prepared.Ends)
            {
                PartitionLog log = FindLog(end.Partition)!;
                long first = log.OpenTransactionOf(prepared.ProducerId);
                if (first < 0 || first >= end.EndOffset) continue;
                log.AppendMarker(prepared.ProducerId, prepared.MarkerEpoch, isCommit: true, isDecided: true, NowMs);
                wasMissing = true;
            }

            if (wasMissing) Recovery.TransactionsCompleted++;
        }
    }

    /// <summary>Aborts what nobody can end any more; what the journal knows as open stays so, for its producer to go on or for its time-out.</summary>
    private void AbortOrphans()
    {
        var orphans = new HashSet<long>();
        var cutOff = new HashSet<TransactionState>();
        foreach (PartitionLog log in AllLogs())
        {
            foreach ((long producerId, _) in log.OpenTransactions.ToArray())
            {
                short epoch = log.EpochOf(producerId);
                if (Owner(producerId, epoch) is { } owner)
                {
                    if (owner.Partitions.Add(log.Id)) cutOff.Add(owner);
                    continue;
                }

                short latest = producers.TryGetValue(producerId, out TransactionState? known) && known.ProducerId == producerId ? Math.Max(epoch, known.Epoch) : epoch;
                log.AppendMarker(producerId, latest, isCommit: false, isDecided: false, NowMs);
                orphans.Add(producerId);
            }
        }

        // The crash took away that the partition is part of the transaction, and left the batch. Its producer is fenced: if it sent the batch again, it
        // would be told that it is there, and it is aborted.
        foreach (TransactionState transaction in cutOff)
        {
            orphans.Add(transaction.ProducerId);
            Fence(transaction);
            journal.Append(Opened(transaction));
        }

        Recovery.TransactionsAborted = orphans.Count;
        Recovery.TransactionsOpen = transactions.Values.Count(static transaction => transaction.IsOngoing);
    }
}
