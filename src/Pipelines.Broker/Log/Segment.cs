using System.Globalization;
using Pipelines.Broker.Disk;

namespace Pipelines.Broker.Log;

/// <summary>One file of a partition: record batches one after the other, from <see cref="BaseOffset"/> on.</summary>
internal sealed class Segment(long baseOffset, string path, IDiskFile file, int indexIntervalBytes) : IDisposable
{
    internal const string Extension = ".log";

    internal long BaseOffset { get; } = baseOffset;

    internal string Path { get; } = path;

    internal IDiskFile File { get; } = file;

    internal SegmentIndex Index { get; } = new(indexIntervalBytes);

    /// <summary>The bytes of whole batches in the file.</summary>
    internal long Size { get; set; }

    /// <summary>True when something was written since the last flush began.</summary>
    internal bool IsDirty { get; set; }

    internal static string NameOf(long baseOffset) => baseOffset.ToString("D20", CultureInfo.InvariantCulture);

    public void Dispose() => File.Dispose();
}
