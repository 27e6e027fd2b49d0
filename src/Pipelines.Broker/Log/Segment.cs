using System.Globalization;
using Pipelines.Broker.Disk;

namespace Pipelines.Broker.Log;

/// <summary>One file of a partition: record batches one after the other, from <see cref="BaseOffset"/> on.</summary>
/// <remarks>Active: appended to => Closed: the next one was begun, its checkpoint waits for it to be durable => Checkpointed.</remarks>
internal sealed class Segment(long baseOffset, string folder, IDiskFile file, int indexIntervalBytes) : IDisposable
{
    internal const string Extension = ".log";

    internal long BaseOffset { get; } = baseOffset;

    internal string Path { get; } = PathOf(folder, baseOffset);

    internal string CheckpointPath { get; } = CheckpointPathOf(folder, baseOffset);

    internal IDiskFile File { get; } = file;

    internal SegmentIndex Index { get; init; } = new(indexIntervalBytes);

    /// <summary>The bytes of whole batches in the file.</summary>
    internal long Size { get; set; }

    /// <summary>When it was begun, on the wall clock in milliseconds; when it was opened, for what an earlier process left.</summary>
    internal required long CreatedMs { get; init; }

    /// <summary>When it was last written to, on the wall clock in milliseconds; when it was opened, where that is not known.</summary>
    internal long WrittenMs { get; set; }

    /// <summary>True when something was written since the last flush began.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>What to write beside it when it is durable, or null.</summary>
    internal SegmentCheckpoint? PendingCheckpoint { get; set; }

    internal static string PathOf(string folder, long baseOffset) => $"{folder}/{NameOf(baseOffset)}{Extension}";

    internal static string CheckpointPathOf(string folder, long baseOffset) => $"{folder}/{NameOf(baseOffset)}{SegmentCheckpoint.Extension}";

    public void Dispose() => File.Dispose();

    private static string NameOf(long baseOffset) => baseOffset.ToString("D20", CultureInfo.InvariantCulture);
}
