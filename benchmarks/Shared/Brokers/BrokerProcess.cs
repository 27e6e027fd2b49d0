using System.Diagnostics;
using System.Globalization;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Loads.Brokers;

/// <summary>A broker that runs.</summary>
internal sealed class BrokerProcess(int id, int port, TimeSpan startTime) : IAsyncDisposable
{
    private readonly ProcessFigures figures = new(id);

    internal int Port => port;

    internal string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    /// <summary>From the start of the process to its first answer.</summary>
    internal TimeSpan StartTime => startTime;

    /// <summary>The CPU time that the process has used, user and system.</summary>
    internal double CpuSeconds => figures.CpuSeconds;

    /// <summary>The memory that it holds.</summary>
    internal double ResidentMiB => figures.ResidentMiB;

    internal Task<BrokerConnection> ConnectAsync() => BrokerConnection.ConnectAsync("127.0.0.1", port);

    internal async Task CreateTopicAsync(string topic, int partitions)
    {
        await using BrokerConnection connection = await ConnectAsync();
        await connection.SendAsync(new CreateTopicsRequest { timeoutMs = 30_000, Topics = [new() { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }] });
        // Kafka says that a topic is there before its partitions can be written to.
        var offsets = new ListOffsetsRequest { ReplicaId = -1, Topics = [new() { Name = topic, Partitions = [.. Enumerable.Range(0, partitions).Select(static index => new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = index, Timestamp = -1 })] }] };
        for (int tries = 0; tries < 300; tries++)
        {
            ListOffsetsResponse answer = await connection.SendAsync(offsets, 7);
            if (answer.Topics[0].Partitions.TrueForAll(static one => one.ErrorCode == 0)) return;
            await Task.Delay(50);
        }

        throw new InvalidOperationException($"Topic '{topic}' cannot be used.");
    }

    internal void Kill() => Signal("-KILL");

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Directory.Exists($"/proc/{id}")) Signal("-TERM");
        return ValueTask.CompletedTask;
    }

    internal static async Task AnswersAsync(int port, Task launched)
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2))
        {
            if (launched.IsFaulted) await launched;
            try
            {
                await using BrokerConnection connection = await BrokerConnection.ConnectAsync("127.0.0.1", port, new BrokerConnectionOptions { RequestTimeout = TimeSpan.FromSeconds(10) });
                return;
            }
            catch (BrokerConnectionException)
            {
                await Task.Delay(5);
            }
        }

        throw new TimeoutException($"No broker answers at port {port}.");
    }

    private void Signal(string signal)
    {
        using Process kill = Process.Start(new ProcessStartInfo("kill", [signal, id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        kill.WaitForExit();
        for (int tries = 0; tries < 3000 && !figures.HasEnded; tries++) Thread.Sleep(10);
    }
}
