using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Brokers.Network;

/// <summary>A client's connection and the one to the broker that belongs to it.</summary>
/// <param name="proxy">Says what happens to requests.</param>
/// <param name="client">The client.</param>
internal sealed class ProxiedConnection(Proxy proxy, Socket client)
{
    private const int LargestFrame = 64 * 1024 * 1024;
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(10);
    private long answerBytesLeft = long.MaxValue;
    private volatile bool isDead;
    private volatile bool isHeld;

    internal async Task RunAsync(CancellationToken closing)
    {
        try
        {
            using Socket broker = await proxy.ConnectAsync(closing);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(closing);
            Task answers = ForwardAnswersAsync(broker, ended.Token);
            await ForwardRequestsAsync(broker, ended.Token);
            await ended.CancelAsync();
            await answers;
        }
        catch (Exception end) when (end is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One of both is gone; so is the connection.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task ForwardRequestsAsync(Socket broker, CancellationToken ended)
    {
        await using var from = new NetworkStream(client);
        await using var to = new NetworkStream(broker);
        byte[] frame = new byte[4096];
        try
        {
            while (true)
            {
                await from.ReadExactlyAsync(frame.AsMemory(0, sizeof(int)), ended);
                int length = BinaryPrimitives.ReadInt32BigEndian(frame);
                if (length is < 8 or > LargestFrame) return;
                int size = length + sizeof(int);
                if (frame.Length < size) Array.Resize(ref frame, size);
                await from.ReadExactlyAsync(frame.AsMemory(sizeof(int), length), ended);
                if (isDead) continue;
                var api = (ApiKey)BinaryPrimitives.ReadInt16BigEndian(frame.AsSpan(sizeof(int)));
                if (proxy.Find(api, ClientIdOf(frame.AsSpan(sizeof(int), length))) is not { } trouble) await to.WriteAsync(frame.AsMemory(0, size), ended);
                else if (!await MeetAsync(trouble, frame.AsMemory(0, size), to, broker, ended)) return;
            }
        }
        catch (Exception end) when (end is IOException or EndOfStreamException or OperationCanceledException)
        {
            // The client has closed, or the broker.
        }
    }

    /// <returns>False when the connection is over.</returns>
    private async Task<bool> MeetAsync(Trouble trouble, ReadOnlyMemory<byte> frame, NetworkStream to, Socket broker, CancellationToken ended)
    {
        switch (trouble.Kind)
        {
            case TroubleKind.CutRequest:
                trouble.Meet();
                await to.WriteAsync(frame[..(frame.Length / 2)], ended);
                Reset(broker);
                return false;
            case TroubleKind.CutAnswer:
                Interlocked.Exchange(ref answerBytesLeft, trouble.AnswerBytes);
                break;
            case TroubleKind.Hold or TroubleKind.Late:
                isHeld = true;
                if (trouble.Kind == TroubleKind.Late) Reset(client);
                trouble.Meet();
                await Task.WhenAny(trouble.Released, Task.Delay(LongestHold, ended));
                await to.WriteAsync(frame, ended);
                trouble.Pass();
                // Its client may have gone long since; the broker must have the time to read what it sent before that is seen.
                await Task.Delay(100, ended);
                isHeld = false;
                return true;
            case TroubleKind.Twice:
                await SendBesideAsync(frame, ended);
                break;
            case TroubleKind.HalfOpen:
                isDead = true;
                trouble.Meet();
                return true;
            case TroubleKind.Dribble:
                trouble.Meet();
                for (int i = 0; i < frame.Length; i++) await to.WriteAsync(frame.Slice(i, 1), ended);
                return true;
        }

        trouble.Meet();
        await to.WriteAsync(frame, ended);
        return true;
    }

    /// <summary>The request over a connection of its own, answered before the other is sent: what comes over a newer connection is taken for the client's latest word.</summary>
    private async Task SendBesideAsync(ReadOnlyMemory<byte> frame, CancellationToken ended)
    {
        using Socket other = await proxy.ConnectAsync(ended);
        await other.SendAsync(frame, ended);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ended);
        patience.CancelAfter(1000);
        await other.ReceiveAsync(new byte[4096], patience.Token);
    }

    private async Task ForwardAnswersAsync(Socket broker, CancellationToken ended)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await broker.ReceiveAsync(buffer, ended) is var count and > 0)
            {
                if (isDead) continue;
                long left = Interlocked.Read(ref answerBytesLeft);
                await client.SendAsync(buffer.AsMemory(0, (int)Math.Min(count, left)), ended);
                if (left <= count)
                {
                    Reset(client);
                    return;
                }

                if (left != long.MaxValue) Interlocked.Add(ref answerBytesLeft, -count);
            }

            client.Shutdown(SocketShutdown.Both);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // What is held back for a client that has gone still has to arrive.
            if (!isHeld) client.Dispose();
        }
    }

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    private static string ClientIdOf(ReadOnlySpan<byte> request)
    {
        // API key, version, correlation id; then the length of the client's id.
        const int At = 8;
        if (request.Length < At + sizeof(short)) return "";
        int length = BinaryPrimitives.ReadInt16BigEndian(request[At..]);
        return length <= 0 || request.Length < At + sizeof(short) + length ? "" : Encoding.UTF8.GetString(request.Slice(At + sizeof(short), length));
    }
}
