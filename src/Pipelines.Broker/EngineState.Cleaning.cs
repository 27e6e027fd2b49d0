using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <content>What goes of partitions that stay: by their owner's wish, and by their settings.</content>
internal sealed partial class EngineState
{
    /// <summary>Deletes the records before an offset.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset; -1 for all that is served.</param>
    /// <returns>The partition's first offset from here on.</returns>
    internal Outcome<(ErrorCode Error, long StartOffset)> DeleteRecords(TopicPartition partition, long offset)
    {
        if (FindLog(partition) is not { } log) return new((ErrorCode.UnknownTopicOrPartition, -1));
        if (offset == -1) offset = log.HighWatermark;
        if (offset < 0 || offset > log.HighWatermark) return new((ErrorCode.OffsetOutOfRange, -1));
        if (offset <= log.StartOffset) return new((ErrorCode.None, log.StartOffset));
        journal.Append(new LogStartMoved(partition, offset));
        return new((ErrorCode.None, offset), IsWrite: true, () => MoveStart(log, offset));
    }

    /// <summary>Deletes what the topics' settings do not keep.</summary>
    /// <returns>The number of partitions of which something goes.</returns>
    internal Outcome<int> DeleteExpired()
    {
        var moves = new List<(PartitionLog Log, long Offset)>();
        foreach (PartitionLog log in AllLogs())
        {
            long offset = log.FindExpired(NowMs);
            if (offset <= log.StartOffset) continue;
            journal.Append(new LogStartMoved(log.Id, offset));
            moves.Add((log, offset));
        }

        return new(moves.Count, IsWrite: moves.Count > 0, () =>
        {
            foreach ((PartitionLog log, long offset) in moves) MoveStart(log, offset);
        });
    }

    private void MoveStart(PartitionLog log, long offset)
    {
        if (log.IsDeleted) return;
        foreach (Segment segment in log.MoveStart(offset, NowMs))
        {
            log.DeleteFiles(segment);
            CloseUnflushed(segment);
        }
    }
}
