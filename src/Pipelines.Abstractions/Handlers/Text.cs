using System.Text;

namespace Pipelines;

/// <summary>UTF-8 text that borrows the batch's bytes: the allocation-free alternative to <see langword="string"/> in records.</summary>
/// <remarks>
/// Valid while the handler runs; <see cref="ToString"/> or <see cref="Own"/> keep it longer. Equality is by bytes.
/// <c>default</c> is the empty text.
/// </remarks>
public readonly struct Text : IEquatable<Text>
{
    private readonly byte[]? buffer;
    private readonly int start;

    /// <summary>Borrows <paramref name="length"/> bytes of <paramref name="buffer"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the buffer.</exception>
    public Text(byte[] buffer, int start, int length)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if ((uint)start > (uint)buffer.Length || (uint)length > (uint)(buffer.Length - start))
            throw new ArgumentOutOfRangeException(nameof(length), $"Bytes {start} to {start + (long)length} are not inside a buffer of {buffer.Length} bytes.");
        this.buffer = buffer;
        this.start = start;
        Length = length;
    }

    /// <summary>Encodes <paramref name="text"/>; the result owns its bytes.</summary>
    public Text(string text)
    {
        buffer = Encoding.UTF8.GetBytes(text);
        Length = buffer.Length;
    }

    /// <summary>The number of UTF-8 bytes.</summary>
    public int Length { get; }

    /// <summary>The UTF-8 bytes, valid as long as this text is.</summary>
    public ReadOnlySpan<byte> Utf8 => new(buffer, start, Length);

    /// <summary>Encodes <paramref name="text"/>; the result owns its bytes.</summary>
    public static implicit operator Text(string text) => new(text);

    /// <summary>True when both hold the same bytes.</summary>
    public static bool operator ==(Text left, Text right) => left.Equals(right);

    /// <summary>True when the bytes differ.</summary>
    public static bool operator !=(Text left, Text right) => !left.Equals(right);

    /// <summary>A copy that owns its bytes and may be kept.</summary>
    public Text Own()
    {
        byte[] copy = Utf8.ToArray();
        return new Text(copy, 0, copy.Length);
    }

    /// <summary>A part of this text that borrows the same bytes.</summary>
    /// <param name="offset">The first byte of the part.</param>
    /// <param name="length">Its length in bytes.</param>
    public Text Slice(int offset, int length)
    {
        if ((uint)offset > (uint)Length || (uint)length > (uint)(Length - offset))
            throw new ArgumentOutOfRangeException(nameof(length), $"Bytes {offset} to {offset + (long)length} are not inside a text of {Length} bytes.");
        return buffer is null ? default : new Text(buffer, start + offset, length);
    }

    /// <summary>True when the text holds <paramref name="utf8"/>, as in <c>text.Contains("Invalid user"u8)</c>.</summary>
    public bool Contains(ReadOnlySpan<byte> utf8) => Utf8.IndexOf(utf8) >= 0;

    /// <summary>True when the text begins with <paramref name="utf8"/>.</summary>
    public bool StartsWith(ReadOnlySpan<byte> utf8) => Utf8.StartsWith(utf8);

    /// <inheritdoc/>
    public bool Equals(Text other) => Utf8.SequenceEqual(other.Utf8);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Text other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8);
        return hash.ToHashCode();
    }

    /// <summary>The text as a string; bytes that are not UTF-8 become U+FFFD.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);
}
