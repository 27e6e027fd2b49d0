using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Pipelines.Broker.Server.Connections;

/// <summary>Cuts a connection's bytes into frames: a length of four bytes, big-endian, before each.</summary>
internal sealed class FrameReader(PipeReader input, Func<int> maxFrameBytes)
{
    private const int LengthSize = 4;

    /// <summary>The next frame, or null when the client has ended the connection between two frames or within one.</summary>
    /// <exception cref="FrameTooLargeException">The length is negative or beyond the bound.</exception>
    internal async ValueTask<Frame?> ReadAsync()
    {
        Frame? frame = null;
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync();
                ReadOnlySequence<byte> bytes = result.Buffer;
                if (result.IsCanceled) return null;
                if (frame is null && bytes.Length >= LengthSize)
                {
                    frame = new Frame(ReadLength(bytes));
                    bytes = bytes.Slice(LengthSize);
                }

                if (frame is not null) bytes = bytes.Slice(frame.Fill(in bytes));
                input.AdvanceTo(bytes.Start, frame is null ? bytes.End : bytes.Start);
                if (frame is { IsWhole: true })
                {
                    Frame whole = frame;
                    frame = null;
                    return whole;
                }

                if (result.IsCompleted) return null;
            }
        }
        finally
        {
            frame?.Dispose();
        }
    }

    private int ReadLength(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> prefix = stackalloc byte[LengthSize];
        bytes.Slice(0, LengthSize).CopyTo(prefix);
        int length = BinaryPrimitives.ReadInt32BigEndian(prefix);
        int most = maxFrameBytes();
        return length < 0 || length > most ? throw new FrameTooLargeException(length, most) : length;
    }
}

/// <summary>A frame says that it is longer than is allowed, or of negative length.</summary>
internal sealed class FrameTooLargeException(int length, int maxFrameBytes)
    : Exception($"A request of {length} bytes, where {maxFrameBytes} are allowed (socket.request.max.bytes). The client speaks another protocol, such as TLS or HTTP, or sends too much at once.");
