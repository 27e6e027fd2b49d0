namespace Pipelines.Broker.Recovery;

/// <summary>A batch is not what was written any more. It is not served; what is before and behind it is.</summary>
public sealed class DamagedBatchException : IOException
{
    /// <summary>Names the damage.</summary>
    /// <param name="file">The file, relative to the data folder.</param>
    /// <param name="position">The byte at which the damaged batch begins.</param>
    /// <param name="firstOffset">The first offset that cannot be read.</param>
    /// <param name="nextOffset">The first offset behind it that can.</param>
    public DamagedBatchException(string file, long position, long firstOffset, long nextOffset)
        : base($"{file} is damaged at byte {position}: offsets {firstOffset} to {nextOffset - 1} cannot be read. Whoever asks for them is told CORRUPT_MESSAGE, and can go on from offset {nextOffset}. Restore the file from a backup to have them back.")
    {
        File = file;
        Position = position;
        NextOffset = nextOffset;
    }

    /// <summary>The file, relative to the data folder.</summary>
    public string File { get; }

    /// <summary>The byte at which the damaged batch begins.</summary>
    public long Position { get; }

    /// <summary>The first offset behind the damage.</summary>
    public long NextOffset { get; }
}
