using System.Buffers;
using System.Buffers.Binary;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Client;

/// <summary>Frames over a stream: four bytes of length, then so many bytes.</summary>
/// <remarks>One reader and one writer at a time. Source: Kafka protocol, request and response framing.</remarks>
internal sealed class FrameStream(Stream stream, int maxFrameBytes) : IAsyncDisposable
{
    private const int Prefix = sizeof(int);
    private const int SmallFrameBytes = 32 * 1024;
    private readonly byte[] received = new byte[64 * 1024];
    private int start;
    private int end;
    private bool hasRead;

    /// <summary>Writes a frame; a small one together with its length.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        bool isSmall = frame.Length <= SmallFrameBytes;
        byte[] rented = ArrayPool<byte>.Shared.Rent(isSmall ? Prefix + frame.Length : Prefix);
        try
        {
            BinaryPrimitives.WriteInt32BigEndian(rented, frame.Length);
            if (isSmall) frame.CopyTo(rented.AsMemory(Prefix));
            await stream.WriteAsync(rented.AsMemory(0, isSmall ? Prefix + frame.Length : Prefix), cancellation).ConfigureAwait(false);
            if (!isSmall) await stream.WriteAsync(frame, cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes a message that begins with its length; what it holds as references is written from where it lies.</summary>
    public async ValueTask WriteAsync(MessageWriter message, CancellationToken cancellation)
    {
        foreach (ReadOnlyMemory<byte> segment in message.Segments) await stream.WriteAsync(segment, cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes bytes as they are.</summary>
    public ValueTask WriteBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => stream.WriteAsync(bytes, cancellation);

    /// <summary>Reads a frame into an array of its own, or into memory that is given.</summary>
    /// <returns>Null when the other side closed the connection between two frames.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Func<int, byte[]>? memory, CancellationToken cancellation)
    {
        while (end - start < Prefix)
        {
            if (start > 0) (start, end) = (0, Compact());
            int read = await stream.ReadAsync(received.AsMemory(end), cancellation).ConfigureAwait(false);
            if (read == 0) return end == start ? null : throw new EndOfStreamException("The connection ended inside the length of a frame.");
            end += read;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(received.AsSpan(start));
        if (!hasRead && (length < 0 || length > maxFrameBytes)) throw new ForeignAnswerException(received.AsSpan(start, end - start));
        hasRead = true;
        start += Prefix;
        if (length < 0 || length > maxFrameBytes) throw new InvalidDataException($"A frame of {length} bytes is larger than the {maxFrameBytes} that are read.");
        byte[] frame = memory is null ? GC.AllocateUninitializedArray<byte>(length) : memory(length);
        int held = Math.Min(length, end - start);
        received.AsSpan(start, held).CopyTo(frame);
        start += held;
        await stream.ReadExactlyAsync(frame.AsMemory(held, length - held), cancellation).ConfigureAwait(false);
        return frame.AsMemory(0, length);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private int Compact()
    {
        received.AsSpan(start, end - start).CopyTo(received);
        return end - start;
    }
}
