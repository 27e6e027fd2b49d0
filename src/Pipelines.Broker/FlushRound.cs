using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <summary>One round of flushes: all dirty files at once, and what is durable when they are done.</summary>
internal sealed class FlushRound(List<Segment> segments, JournalFile? journal, List<(PartitionLog Log, long EndOffset)> ends, long journalLength)
{
    internal IReadOnlyList<(PartitionLog Log, long EndOffset)> Ends { get; } = ends;

    internal long JournalLength { get; } = journalLength;

    internal async Task RunAsync()
    {
        var flushes = new List<Task>(segments.Count + 1);
        foreach (Segment segment in segments) flushes.Add(segment.File.FlushAsync().AsTask());
        if (journal is not null) flushes.Add(journal.FlushAsync().AsTask());
        await Task.WhenAll(flushes);
    }
}
