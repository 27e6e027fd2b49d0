using Pipelines.Broker.Compaction;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <content>Compaction.</content>
internal sealed partial class EngineState
{
    private long nextCompaction = 1;

    /// <summary>The partition that needs compaction most; null when none does.</summary>
    /// <param name="besides">Those that are not looked at.</param>
    internal Outcome<CompactionJob?> PickCompaction(IReadOnlySet<PartitionLog> besides)
    {
        long now = NowMs;
        PartitionLog? dirtiest = null;
        double most = 0;
        foreach (PartitionLog log in AllLogs())
        {
            double ratio = besides.Contains(log) ? 0 : log.DirtyRatio(now);
            if (ratio > most) (dirtiest, most) = (log, ratio);
        }

        return new(dirtiest?.PlanCompaction(now));
    }

    internal Outcome<long> NewCompactionNumber() => new(nextCompaction++);

    /// <summary>Puts a rewritten segment in the place of others.</summary>
    /// <returns>False when they are not there any more.</returns>
    internal Outcome<bool> Replace(PartitionLog log, IReadOnlyList<Segment> group, CompactedSegment compacted)
    {
        if (!log.Holds(group)) return new(false);
        journal.Append(new LogCompacted(log.Id, compacted.Number, group[0].BaseOffset, log.EndOf(group[^1]), compacted.Size));
        return new(true, IsWrite: true, () =>
        {
            // What a deletion has taken away meanwhile leaves the file behind, for the next start to remove.
            if (!log.Holds(group)) return;
            long end = log.EndOf(group[^1]);
            // Gaps are expected before there are any: others read meanwhile.
            log.MarkCompacted(end);
            log.Replace(group, compacted);
            foreach (Segment segment in group) CloseUnflushed(segment);
        });
    }
}
