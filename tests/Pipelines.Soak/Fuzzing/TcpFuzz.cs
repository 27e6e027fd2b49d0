using System.Buffers.Binary;
using System.Net.Sockets;
using Pipelines.Broker.Server;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Fuzzing;

/// <summary>Sends changed frames over connections: every connection must end, and no other must suffer.</summary>
internal static class TcpFuzz
{
    private const int MostFrames = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal static async Task RunAsync(long frames, Random random, FuzzCounts counts)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await using BrokerConnection other = await BrokerConnection.ConnectAsync(broker.Address.Host, broker.Address.Port, new BrokerConnectionOptions { RequestTimeout = Patience });
        var words = new Words(random);
        var maker = new RequestMaker(words, random);
        var mutator = new Mutator(random);
        foreach (string topic in Words.Topics) await broker.Engine.CreateTopicAsync(topic, 2);
        byte[] answer = new byte[64 * 1024];
        for (long sent = 0; sent < frames && !broker.Engine.Failed.IsCompleted;)
        {
            int count = random.Next(1, MostFrames);
            byte[] bytes = [.. Enumerable.Range(0, count).SelectMany(_ => WithLength(mutator.Mutate(maker.Next()), random))];
            await TryAsync(broker.Address, bytes, answer, counts);
            sent += count;
            counts.Add("over connections", count);
            if (random.Next(50) == 0) await AskAsync(other, counts);
        }

        if (broker.Engine.Failed.IsCompleted) counts.Violate("the engine failed", default, await broker.Engine.Failed);
        await AskAsync(other, counts);
    }

    /// <summary>The client sends, says that nothing more comes, and reads to the end; a broker that keeps the connection open hangs.</summary>
    private static async Task TryAsync(Address address, byte[] bytes, byte[] answer, FuzzCounts counts)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, patience.Token);
            await socket.SendAsync(bytes, patience.Token);
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(answer, patience.Token) > 0)
            {
            }

            counts.Add("connections ended");
        }
        catch (SocketException)
        {
            counts.Add("connections cut");
        }
        catch (OperationCanceledException)
        {
            counts.Violate("a connection that was left stayed open", bytes);
        }
    }

    private static async Task AskAsync(BrokerConnection other, FuzzCounts counts)
    {
        try
        {
            await other.SendAsync(new ApiVersionsRequest { ClientSoftwareName = "fuzz", ClientSoftwareVersion = "1" });
        }
        catch (BrokerConnectionException problem)
        {
            counts.Violate("another connection was not answered", default, problem);
        }
    }

    private static byte[] WithLength(byte[] frame, Random random)
    {
        byte[] bytes = new byte[sizeof(int) + frame.Length];
        int length = random.Next(12) switch
        {
            0 => random.Next(5) switch { 0 => -1, 1 => 0, 2 => int.MaxValue, 3 => 100 * 1024 * 1024, _ => random.Next() },
            1 => frame.Length + random.Next(-4, 5),
            _ => frame.Length,
        };
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        frame.CopyTo(bytes.AsSpan(sizeof(int)));
        return bytes;
    }
}
