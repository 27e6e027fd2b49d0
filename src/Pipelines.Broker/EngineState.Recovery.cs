using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker;

/// <content>Opening what a former process left. Everything it writes it could write again: a crash in recovery does no harm.</content>
internal sealed partial class EngineState
{
    internal static async Task<EngineState> OpenAsync(EngineOptions options)
    {
        options.Disk.CreateFolder(TopicsFolder);
        (JournalFile journal, List<JournalEntry> entries) = JournalFile.Open(options.Disk, options.OnRecovery);
        var state = new EngineState(options, journal);
        try
        {
            state.OpenLogs(entries);
            List<TransactionPrepared> committed = state.Replay(entries);
            // What a dead process left may be in the system's memory only. Records and decisions must be durable before a marker says
            // that they count: a marker that outlives its records would show half of a transaction.
            options.Disk.FlushFolder("");
            options.Disk.FlushFolder(TopicsFolder);
            await journal.FlushAsync();
            await state.FlushAllAsync();
            state.EndOpenTransactions(committed);
            await state.FlushAllAsync();
            state.AdvanceAll();
            state.unfinished.Clear();
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
        foreach (JournalEntry entry in entries)
        {
            if (entry is TopicCreated created) AddTopic(created);
            if (entry is not Flushed flushed) continue;
            foreach (PartitionEnd end in flushed.Ends) proven[end.Partition] = Math.Max(end.EndOffset, proven.GetValueOrDefault(end.Partition));
        }

        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (PartitionLog log in AllLogs())
        {
            known.Add(log.Id.ToString());
            log.Open(proven.GetValueOrDefault(log.Id));
        }

        foreach (string folder in disk.ListFolders(TopicsFolder))
        {
            if (!known.Contains(folder)) disk.DeleteFolder($"{TopicsFolder}/{folder}");
        }
    }

    /// <summary>Takes the journal's facts in, in order.</summary>
    /// <returns>The prepared transactions that count as committed.</returns>
    private List<TransactionPrepared> Replay(List<JournalEntry> entries)
    {
        HashSet<long> givenUp = [.. entries.OfType<TransactionGivenUp>().Select(static entry => entry.Number)];
        var committed = new List<TransactionPrepared>();
        foreach (JournalEntry entry in entries)
        {
            switch (entry)
            {
                case ProducerOpened opened:
                    Replay(opened);
                    break;
                case OffsetsCommitted offsets:
                    Apply(offsets.Group, offsets.Offsets);
                    break;
                case TransactionPrepared prepared:
                    nextTransaction = Math.Max(nextTransaction, prepared.Number + 1);
                    if (givenUp.Contains(prepared.Number)) break;
                    if (prepared.Ends.All(end => FindLog(end.Partition) is { } log && log.EndOffset >= end.EndOffset))
                    {
                        committed.Add(prepared);
                        Apply(prepared.Group, prepared.Offsets);
                        break;
                    }

                    // Its records are not all there, so it was never acknowledged. Said now, since the logs will grow past its ends.
                    journal.Append(new TransactionGivenUp(prepared.Number));
                    break;
            }
        }

        return committed;
    }

    private void Replay(ProducerOpened opened)
    {
        nextProducerId = Math.Max(nextProducerId, opened.ProducerId + 1);
        if (opened.TransactionalId.Length == 0) return;
        if (!transactions.TryGetValue(opened.TransactionalId, out TransactionState? transaction))
            transactions.Add(opened.TransactionalId, transaction = new TransactionState(opened.TransactionalId, opened.ProducerId));
        transaction.ProducerId = opened.ProducerId;
        transaction.Epoch = opened.Epoch;
        producers[opened.ProducerId] = transaction;
    }

    private void EndOpenTransactions(List<TransactionPrepared> committed)
    {
        // In the order of the decisions: lost markers come back to the very offsets that they had.
        foreach (TransactionPrepared prepared in committed)
        {
            foreach (PartitionEnd end in prepared.Ends)
            {
                PartitionLog log = FindLog(end.Partition)!;
                if (log.FindProducer(prepared.ProducerId) is not { OpenTransaction: >= 0 } producer || producer.OpenTransaction >= end.EndOffset) continue;
                log.AppendMarker(prepared.ProducerId, prepared.Epoch, isCommit: true, NowMs);
            }
        }

        foreach (PartitionLog log in AllLogs())
        {
            foreach (ProducerState producer in log.OpenTransactions.ToArray())
            {
                log.AppendMarker(producer.ProducerId, producer.Epoch, isCommit: false, NowMs);
            }
        }
    }
}
