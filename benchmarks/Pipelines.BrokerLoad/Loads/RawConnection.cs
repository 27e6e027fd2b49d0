using System.Buffers.Binary;
using System.Net.Sockets;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.BrokerLoad.Loads;

/// <summary>A blocking connection that sends frames as they are, several before the first answer; it costs the client as little as can be.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] answer = new byte[64 * 1024];

    internal RawConnection(int port) => socket.Connect("127.0.0.1", port);

    /// <summary>A request as a frame with its length.</summary>
    internal static byte[] Frame(IMessage request, ApiKey key, short version)
    {
        using var writer = new MessageWriter();
        writer.WriteInt32(0);
        new RequestHeader(key, version, 0, "load").Write(writer);
        request.Write(writer, version);
        writer.PatchInt32(0, writer.Length - sizeof(int));
        return writer.Written.ToArray();
    }

    internal void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[socket.Send(bytes)..];
    }

    /// <summary>The next answer, without its length; valid until the next call.</summary>
    internal ReadOnlyMemory<byte> Receive()
    {
        Fill(sizeof(int));
        int length = BinaryPrimitives.ReadInt32BigEndian(answer);
        if (answer.Length < length) answer = new byte[length * 2];
        Fill(length);
        return answer.AsMemory(0, length);
    }

    internal static TResponse Read<TResponse>(ReadOnlyMemory<byte> frame, short version)
        where TResponse : IResponse, new()
    {
        var reader = new MessageReader(frame, isFlexible: false);
        ResponseHeader.Read(ref reader, TResponse.ApiKey, version);
        var response = new TResponse();
        response.Read(ref reader, version);
        return response;
    }

    public void Dispose() => socket.Dispose();

    private void Fill(int length)
    {
        for (int read = 0; read < length;)
        {
            int count = socket.Receive(answer.AsSpan(read, length - read));
            if (count == 0) throw new IOException("The broker closed the connection.");
            read += count;
        }
    }
}
