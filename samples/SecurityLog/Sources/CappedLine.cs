using System.Globalization;
using System.Text;

namespace SecurityLog.Sources;

/// <summary>A line that comes in pieces. Only its first 64 KiB are kept, so that an endless line costs bounded memory.</summary>
internal sealed class CappedLine
{
    /// <summary>The most that a line may have.</summary>
    internal const int MaxBytes = 64 * 1024;

    private byte[] kept = [];
    private int keptBytes;

    /// <summary>All bytes that have come, those that were not kept too.</summary>
    internal long TotalBytes { get; private set; }

    /// <summary>Adds a piece.</summary>
    internal void Append(ReadOnlySpan<byte> piece)
    {
        TotalBytes += piece.Length;
        piece = piece[..Math.Min(piece.Length, MaxBytes - keptBytes)];
        if (keptBytes + piece.Length > kept.Length)
            Array.Resize(ref kept, Math.Min(MaxBytes, Math.Max(keptBytes + piece.Length, kept.Length * 2)));
        piece.CopyTo(kept.AsSpan(keptBytes));
        keptBytes += piece.Length;
    }

    /// <summary>Ends the line.</summary>
    /// <returns>The line; of one that was too long, what was kept and a note of its length behind it, which makes it longer than <see cref="MaxBytes"/>.</returns>
    internal ReadOnlyMemory<byte> Take()
    {
        ReadOnlyMemory<byte> line = kept.AsMemory(0, keptBytes);
        if (TotalBytes > MaxBytes) line = (byte[])[.. line.Span, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" [cut: {TotalBytes} bytes]"))];
        kept = [];
        keptBytes = 0;
        TotalBytes = 0;
        return line;
    }
}
