using System.Globalization;
using Pipelines.Protocol.Records;

namespace SecurityLog.Sources;

/// <summary>How far a source was read, and what tells it from another that takes its name.</summary>
/// <param name="Bytes">The byte behind the last line.</param>
/// <param name="HeadBytes">How many bytes from the start the checksum is of: at most 1 KiB, and none behind <paramref name="Bytes"/>.</param>
/// <param name="HeadChecksum">Their CRC-32C.</param>
internal readonly record struct SourcePosition(long Bytes, int HeadBytes, uint HeadChecksum)
{
    /// <summary>The most bytes that the checksum is of.</summary>
    internal const int MaxHeadBytes = 1024;

    /// <summary>The position behind <paramref name="bytes"/> of a source that begins with <paramref name="head"/>.</summary>
    internal static SourcePosition Of(long bytes, ReadOnlySpan<byte> head)
    {
        int length = (int)Math.Min(bytes, Math.Min(head.Length, MaxHeadBytes));
        return new SourcePosition(bytes, length, Crc32C.Compute(head[..length]));
    }

    /// <summary>Whether a source can be the one that was read: long enough, and with the same start.</summary>
    internal bool IsIn(Stream source)
    {
        if (source.Length < Bytes) return false;
        long before = source.Position;
        Span<byte> head = stackalloc byte[MaxHeadBytes];
        head = head[..HeadBytes];
        source.Position = 0;
        bool isSame = source.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && Crc32C.Compute(head) == HeadChecksum;
        source.Position = before;
        return isSame;
    }

    /// <summary>As it is kept in the log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes} {HeadBytes} {HeadChecksum}");

    /// <summary>Reads what <see cref="ToString"/> wrote; a lone number is a position without checksum.</summary>
    internal static SourcePosition Parse(string text)
    {
        string[] parts = text.Split(' ');
        long bytes = long.Parse(parts[0], CultureInfo.InvariantCulture);
        return parts.Length < 3 ? new(bytes, 0, 0) : new(bytes, int.Parse(parts[1], CultureInfo.InvariantCulture), uint.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
