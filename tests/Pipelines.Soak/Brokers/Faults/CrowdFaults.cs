using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Pipelines.Broker.Server;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Protocol.Wire;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>Many connections that do nothing, one that sends a byte now and then, and readers that do not read: F40. The others are served, and the memory stays bounded.</summary>
internal static class CrowdFaults
{
    private const int Kibibyte = 1024;
    private const int Megabyte = 1024 * Kibibyte;
    private const int Crowd = 10_000;

    // In one process both ends of each connection are open files.
    private const int SmallCrowd = 400;

    // Files that are open beside the crowd.
    private const int Spare = 2_000;
    private const long IdleMemory = 20 * Kibibyte;
    private const long Slack = 128L * Megabyte;

    private const int SlowReaders = 40;
    private const int SlowBatches = 32;

    // What the broker lends to readers in all, and a batch for each of them.
    private const long SlowMemory = (256L + SlowReaders) * Megabyte;

    internal static IEnumerable<FaultKind> All =>
    [
        new(40, "many idle connections, and one that sends a byte now and then", Places.Both, IdleAsync),
        new(40, "readers ask for much and do not read it", Places.Process, SlowAsync),
    ];

    private static async Task IdleAsync(Stage stage, Random random)
    {
        var world = stage.World as ProcessWorld;
        int count = world is null ? SmallCrowd : Math.Min(Crowd, OpenFiles() - Spare);
        if (world is not null && count < Crowd)
            await Console.Error.WriteLineAsync($"F40: {count} idle connections instead of {Crowd}, since a process may have {OpenFiles()} open files; raise that with 'ulimit -Hn {Crowd + Spare}'.");
        var idle = new List<Socket>();
        try
        {
            long before = world?.MemoryBytes(isPeak: false) ?? 0;
            for (int i = 0; i < count; i++)
            {
                idle.Add(await ConnectAsync(stage));
                // Some have said something before they fell silent.
                if (i % 20 == 0) await AnsweredAsync(stage, idle[^1]);
            }

            byte[] slow = HostileFaults.Framed([0, 3, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
            for (int i = 0; i < slow.Length - 1; i++)
            {
                await idle[0].SendAsync(slow.AsMemory(i, 1), stage.Ending);
                await Task.Delay(random.Next(1, 20), stage.Ending);
            }

            await HostileFaults.OthersAsync(stage);
            for (int i = 0; i < 10; i++) await AnsweredAsync(stage, idle[random.Next(1, idle.Count)]);
            if (world is null) return;
            long memory = world.MemoryBytes(isPeak: false);
            stage.Burden.Saw(memory, idle.Count);
            await Console.Error.WriteLineAsync($"F40: {idle.Count} idle connections, for which the broker's memory grew from {before / Megabyte} to {memory / Megabyte} MiB");
            if (memory - before > (idle.Count * IdleMemory) + Slack)
                stage.Ledger.Violate("idle connections filled the memory", $"{(memory - before) / Megabyte} MiB for {idle.Count}");
        }
        finally
        {
            foreach (Socket socket in idle) socket.Dispose();
        }
    }

    private static async Task SlowAsync(Stage stage, Random random)
    {
        var world = (ProcessWorld)stage.World;
        await using var topic = await OwnTopic.CreateAsync(stage, "F40-slow");
        await using (BrokerConnection connection = await HostileFaults.DirectAsync(stage))
        {
            byte[] batch = Batch.Of(BatchProducer.None, new string('x', Megabyte - (4 * Kibibyte)));
            for (int i = 0; i < SlowBatches; i++) await Batch.ProduceAsync(connection, topic.Partition, batch.AsMemory().ToArray(), null, null, stage.Ending);
        }

        var readers = new List<Socket>();
        try
        {
            long before = world.MemoryBytes(isPeak: true);
            byte[] fetch = Fetch(topic);
            for (int i = 0; i < SlowReaders; i++)
            {
                Socket reader = await ConnectAsync(stage, receiveBytes: 4 * Kibibyte);
                readers.Add(reader);
                await reader.SendAsync(fetch, stage.Ending);
                // Some begin to read.
                if (random.Next(2) == 0) await reader.ReceiveAsync(new byte[Kibibyte], stage.Ending);
            }

            await HostileFaults.OthersAsync(stage);
            // One that does read gets what it asks for, whatever the others do.
            await using (BrokerConnection connection = await HostileFaults.DirectAsync(stage))
            {
                var reader = new PartitionReader(stage, topic.Partition);
                int read = 0;
                for (bool isAtEnd = false; !isAtEnd;)
                {
                    (List<(long, string)> records, isAtEnd) = await reader.ReadAsync(connection, TimeSpan.FromMilliseconds(50), 8 * Megabyte);
                    read += records.Count;
                }

                if (read != SlowBatches) stage.Ledger.Violate("a reader did not get what there is", $"{read} of {SlowBatches} records");
            }

            long peak = world.MemoryBytes(isPeak: true);
            stage.Burden.Saw(peak);
            await Console.Error.WriteLineAsync($"F40: {SlowReaders} readers of {SlowBatches} MiB each that do not read, for which the broker's highest memory grew from {before / Megabyte} to {peak / Megabyte} MiB");
            if (peak - before > SlowMemory + Slack) stage.Ledger.Violate("slow readers filled the memory", $"{(peak - before) / Megabyte} MiB for {SlowReaders} of {SlowBatches} MiB each");
        }
        finally
        {
            foreach (Socket socket in readers) socket.Dispose();
        }
    }

    private static byte[] Fetch(OwnTopic topic)
    {
        const short Version = 12;
        using var writer = new MessageWriter();
        new RequestHeader(ApiKey.Fetch, Version, 1, "slow reader").Write(writer);
        new FetchRequest
        {
            MaxWaitMs = 100,
            MinBytes = 1,
            MaxBytes = 50 * Megabyte,
            SessionEpoch = -1,
            Topics = [new() { Topic = topic.Partition.Topic, Partitions = [new() { PartitionMaxBytes = 50 * Megabyte, CurrentLeaderEpoch = -1 }] }],
        }.Write(writer, Version);
        return HostileFaults.Framed(writer.Written.ToArray());
    }

    private static async Task<Socket> ConnectAsync(Stage stage, int receiveBytes = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBytes > 0) socket.ReceiveBufferSize = receiveBytes;
        try
        {
            await socket.ConnectAsync(stage.World.Proxy.Broker.Host, stage.World.Proxy.Broker.Port, stage.Ending);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks which versions there are, over a connection that may have been idle.</summary>
    private static async Task AnsweredAsync(Stage stage, Socket socket)
    {
        byte[] answer = new byte[16 * Kibibyte];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stage.Ending);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await socket.SendAsync(HostileFaults.Framed([0, 18, 0, 0, 0, 0, 0, 7, 0xFF, 0xFF]), patience.Token);
            int wanted = sizeof(int);
            for (int have = 0; have < wanted;)
            {
                int read = await socket.ReceiveAsync(answer.AsMemory(have), patience.Token);
                if (read == 0) throw new SocketException((int)SocketError.ConnectionReset);
                have += read;
                if (have >= sizeof(int)) wanted = sizeof(int) + BinaryPrimitives.ReadInt32BigEndian(answer);
            }
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            stage.Ledger.Violate("an idle connection was not answered", problem.Message);
        }
    }

    /// <summary>How many files a process may have open: its children have the same limit, and the runtime takes all of it.</summary>
    private static int OpenFiles()
    {
        string line = File.ReadLines("/proc/self/limits").First(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
        return int.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture, out int soft) ? soft : int.MaxValue;
    }
}
