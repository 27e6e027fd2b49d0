using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Fuzzing;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>What clients send that they should not, while others work: F30, F31, F34 to F37, F39, F41. Nobody else may notice.</summary>
internal static class HostileFaults
{
    private const int LargestBatch = 8 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static IEnumerable<FaultKind> All =>
    [
        new(30, "records have times of long ago, of the future, and backwards", Places.Both, TimesAsync),
        new(31, "records are empty, tombstones, long, or longer than is allowed", Places.Both, RecordsAsync),
        new(34, "frames have impossible lengths", Places.Both, static (stage, random) => BytesAsync(stage, Length(random.Next(5) switch { 0 => -1, 1 => 0, 2 => int.MaxValue, 3 => int.MinValue, _ => 200 * 1024 * 1024 }))),
        new(35, "requests of unknown APIs and versions", Places.Both, static (stage, random) => BytesAsync(stage, Framed([.. Short(random.Next(2) == 0 ? random.Next(100, 30000) : 0), .. Short(random.Next(50, 30000)), 0, 0, 0, 1, 0, 0]))),
        new(36, "frames are changed or cut", Places.Both, MutatedAsync),
        new(37, "lengths inside a frame lead out of it", Places.Both, static (stage, random) => BytesAsync(stage, Framed([0, 3, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, .. Enumerable.Repeat((byte)0xFF, random.Next(1, 20))]))),
        new(39, "TLS or HTTP on the port", Places.Both, static (stage, random) => BytesAsync(stage, random.Next(2) == 0
            ? "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()
            : [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, .. Enumerable.Range(0, 500).Select(static i => (byte)i)])),
        new(41, "odd names of topics, groups and clients", Places.Both, NamesAsync),
    ];

    private static async Task TimesAsync(Stage stage, Random random)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await SendAsync(stage, random, "F30", 4, (writer, values) =>
        {
            long[] times = [0, now + 3_000_000, 1, now];
            for (int i = 0; i < values.Length; i++) writer.Add(times[i % times.Length], "key"u8, Encoding.UTF8.GetBytes(values[i]));
        });
    }

    private static async Task RecordsAsync(Stage stage, Random random)
    {
        await SendAsync(stage, random, "F31", 3, static (writer, values) =>
        {
            writer.Add(1, Encoding.UTF8.GetBytes(values[0]), default);
            writer.Add(1, Encoding.UTF8.GetBytes(values[1]), default, hasValue: false);
            writer.Add(1, default, Encoding.UTF8.GetBytes($"{values[2]} {new string('x', 900_000)}"), hasKey: false);
        });
        await RefusedAsync(stage, random, "F31-large", static batch => batch, filling: LargestBatch + 1);
    }

    /// <summary>A batch as it should be; asked again until it is answered, it may be there more than once, so it is sent by an idempotent producer.</summary>
    private static async Task SendAsync(Stage stage, Random random, string kind, int count, Action<RecordBatchWriter, string[]> write)
    {
        await using Link link = stage.Link(stage.NewName(kind));
        var place = new TopicPartition(Topics.Plain, random.Next(Topics.Partitions));
        Attempt attempt = stage.Ledger.Begin(link.ClientId, (place, count));
        InitProducerIdResponse? producer = null;
        for (int tries = 0; tries < 10; tries++)
        {
            try
            {
                BrokerConnection connection = await link.OpenAsync(stage.Ending);
                producer ??= await connection.SendAsync(new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 1000, ProducerId = -1, ProducerEpoch = -1 }, cancellation: stage.Ending);
                var writer = new RecordBatchWriter();
                write(writer, attempt.Values[place]);
                (ErrorCode error, long offset) = await Batch.ProduceAsync(
                    connection, place, writer.Complete(new BatchProducer(producer.ProducerId, producer.ProducerEpoch, 0, IsTransactional: false)), null, null, stage.Ending);
                if (error != ErrorCode.None)
                {
                    attempt.Outcome = Outcome.Unknown;
                    stage.Ledger.Violate("a proper batch was refused", $"{link.ClientId}: {error}");
                    return;
                }

                (attempt.Outcome, attempt.Offset) = (Outcome.Committed, offset);
                return;
            }
            catch (BrokerConnectionException)
            {
                // Asked again.
            }
        }
    }

    /// <summary>Sends a batch that must not be taken.</summary>
    /// <param name="stage">The round.</param>
    /// <param name="random">Decides where to.</param>
    /// <param name="kind">What it is called.</param>
    /// <param name="spoil">What is done to a batch that is well.</param>
    /// <param name="filling">How long its records are beside their names.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="wanted">The error that is wanted; none for any.</param>
    internal static async Task RefusedAsync(Stage stage, Random random, string kind, Func<byte[], byte[]> spoil, int filling = 0, int count = 1, ErrorCode wanted = ErrorCode.None)
    {
        var place = new TopicPartition(Topics.Plain, random.Next(Topics.Partitions));
        Attempt refused = stage.Ledger.Begin(stage.NewName(kind), (place, count));
        refused.Outcome = Outcome.Aborted;
        try
        {
            await using BrokerConnection connection = await DirectAsync(stage);
            byte[] batch = spoil(Batch.Of(BatchProducer.None, filling == 0 ? refused.Values[place] : [.. refused.Values[place].Select(value => $"{value} {new string('x', filling)}")]));
            (ErrorCode error, _) = await Batch.ProduceAsync(connection, place, batch, null, null, stage.Ending);
            if (error == ErrorCode.None) stage.Ledger.Violate("a batch that lies was taken", refused.Writer);
            else if (wanted != ErrorCode.None && error != wanted) stage.Ledger.Violate("a batch that lies was answered otherwise", $"{refused.Writer}: {error}, not {wanted}");
        }
        catch (BrokerConnectionException)
        {
            // Refused with the whole connection.
        }

        await OthersAsync(stage);
    }

    private static async Task MutatedAsync(Stage stage, Random random)
    {
        var maker = new RequestMaker(new Words(random), random);
        var mutator = new Mutator(random);
        for (int i = 0; i < 40; i++)
        {
            byte[] frame = mutator.Mutate(maker.Next());
            // Thousands of partitions on a real folder are another test's.
            if (frame.Length >= 2 && BinaryPrimitives.ReadInt16BigEndian(frame) is (short)ApiKey.CreateTopics or (short)ApiKey.CreatePartitions) continue;
            await TryAsync(stage, Framed(random.Next(4) == 0 ? frame[..random.Next(frame.Length)] : frame));
        }

        await OthersAsync(stage);
    }

    private static async Task BytesAsync(Stage stage, byte[] bytes)
    {
        await TryAsync(stage, bytes);
        await OthersAsync(stage);
    }

    /// <summary>Sends bytes, says that nothing more comes, and reads to the end; a broker that keeps the connection hangs.</summary>
    private static async Task TryAsync(Stage stage, byte[] bytes)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(Patience);
        byte[] answer = new byte[64 * 1024];
        try
        {
            await socket.ConnectAsync(stage.World.Proxy.Broker.Host, stage.World.Proxy.Broker.Port, patience.Token);
            await socket.SendAsync(bytes, patience.Token);
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(answer, patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Cut, which is an answer too.
        }
        catch (OperationCanceledException)
        {
            stage.Ledger.Violate("a connection that was left stayed open", Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 100))));
        }
    }

    private static async Task NamesAsync(Stage stage, Random random)
    {
        string[] names = ["../../outside", "", ".", "..", "a/b", new('x', 250), "line\r\nbreak", "\0", "é😀"];
        try
        {
            await using BrokerConnection connection = await BrokerConnection.ConnectAsync(
                stage.World.Proxy.Broker.Host, stage.World.Proxy.Broker.Port, new() { ClientId = "a\r\nINFO everything is well", RequestTimeout = Patience });
            CreateTopicsResponse answer = await connection.SendAsync(new CreateTopicsRequest
            {
                Topics = [.. names.Select(static name => new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = 1, ReplicationFactor = 1 })],
                timeoutMs = 5000,
            }, cancellation: stage.Ending);
            foreach (CreateTopicsResponse.CreatableTopicResult result in answer.Topics)
            {
                if (result.ErrorCode == 0) stage.Ledger.Violate("a topic got an impossible name", result.Name);
            }

            // A group may be called anything; it must not become a path.
            await connection.SendAsync(new OffsetCommitRequest
            {
                GroupId = names[random.Next(names.Length)],
                Topics = [new() { Name = Topics.Plain, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1, CommittedMetadata = "" }] }],
            }, version: 8, stage.Ending);
        }
        catch (BrokerConnectionException problem)
        {
            stage.Ledger.Violate("odd names were not answered", problem.Message);
        }

        await OthersAsync(stage);
    }

    internal static async Task OthersAsync(Stage stage)
    {
        try
        {
            await using BrokerConnection connection = await DirectAsync(stage);
        }
        catch (BrokerConnectionException problem)
        {
            stage.Ledger.Violate("another connection was not answered", problem.Message);
        }
    }

    internal static Task<BrokerConnection> DirectAsync(Stage stage)
    {
        Address broker = stage.World.Proxy.Broker;
        return BrokerConnection.ConnectAsync(broker.Host, broker.Port, new BrokerConnectionOptions { RequestTimeout = Patience }, stage.Ending);
    }

    private static byte[] Length(int length)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    /// <summary>A frame behind its length.</summary>
    internal static byte[] Framed(byte[] frame)
    {
        byte[] bytes = new byte[sizeof(int) + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Length);
        frame.CopyTo(bytes.AsSpan(sizeof(int)));
        return bytes;
    }

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];
}
