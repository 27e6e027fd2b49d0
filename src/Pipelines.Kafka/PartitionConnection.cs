using System.Buffers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Fetches one partition over a connection of its own: a long poll holds up nobody else.</summary>
internal sealed class PartitionConnection(Cluster cluster, string topic, int partition) : IAsyncDisposable
{
    // Later versions name topics by their ids.
    private const short LatestNamed = 12;
    private const sbyte ReadUncommitted = 0;
    private const sbyte ReadCommitted = 1;
    private readonly SemaphoreSlim turn = new(1, 1);
    private BrokerConnection? connection;

    internal async Task<FetchedBatches> FetchAsync(long offset, int maxBytes, TimeSpan maxWait)
    {
        await turn.WaitAsync();
        try
        {
            BrokerConnection broker = await ConnectAsync();
            FetchResponse answer = await broker.SendAsync(
                new FetchRequest
                {
                    MaxWaitMs = (int)maxWait.TotalMilliseconds,
                    MinBytes = 1,
                    MaxBytes = maxBytes,
                    IsolationLevel = cluster.Options.ReadsUncommitted ? ReadUncommitted : ReadCommitted,
                    SessionEpoch = -1,
                    ReplicaId = -1,
                    Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, FetchOffset = offset, PartitionMaxBytes = maxBytes, CurrentLeaderEpoch = -1 }] }],
                },
                Cluster.Version(ApiKey.Fetch, broker, LatestNamed));
            FetchResponse.PartitionData? data = answer.ErrorCode == 0 ? answer.Responses.Single().Partitions.Single() : null;
            return await TakeAsync(data?.ErrorCode ?? answer.ErrorCode, data, offset);
        }
        catch (BrokerConnectionException gone)
        {
            await LeaveAsync();
            throw cluster.Failed($"{topic}/{partition} cannot be read{(gone.IsFatal ? "" : " at the moment")}", gone);
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync() => await LeaveAsync();

    private async Task<FetchedBatches> TakeAsync(short error, FetchResponse.PartitionData? data, long offset)
    {
        switch ((KafkaError)error)
        {
            case KafkaError.None:
                return Lend(data!);
            case KafkaError.OffsetOutOfRange:
                PartitionRange range = await Offsets.RangeAsync(cluster, topic, partition);
                if (offset < range.Start) return new FetchedBatches([], 0, range.Start, range.End, [], null);
                throw new BrokerException($"{topic}/{partition} ends at offset {range.End}, but offset {offset} was asked for: the log is shorter than it was.", isFatal: true);
            default:
                if (KafkaErrors.IsMoved(error)) await LeaveAsync();
                throw KafkaErrors.IsPassing(error) || KafkaErrors.IsMoved(error)
                    ? new BrokerException($"{topic}/{partition} cannot be read at the moment: the broker answers {(KafkaError)error}.", isFatal: false)
                    : cluster.Refused(error, $"{topic}/{partition} cannot be read", said: null, Right.OnTopic("Read", topic));
        }
    }

    private static FetchedBatches Lend(FetchResponse.PartitionData data)
    {
        ReadOnlyMemory<byte> records = data.Records ?? default;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, records.Length));
        records.CopyTo(bytes);
        IReadOnlyList<AbortedTransaction> aborted = data.AbortedTransactions is { Count: > 0 } known
            ? [.. known.Select(static one => new AbortedTransaction(one.ProducerId, one.FirstOffset)).OrderBy(static one => one.FirstOffset)]
            : [];
        return new FetchedBatches(bytes, records.Length, data.LogStartOffset, data.LastStableOffset, aborted, new Loan(bytes));
    }

    private async Task<BrokerConnection> ConnectAsync()
    {
        if (connection is { IsUsable: true } known) return known;
        await LeaveAsync();
        // Fetched bytes are copied before the next fetch, so no frame need be allocated: it would cost as many bytes as are read.
        return connection = await cluster.ConnectAsync(await cluster.LeaderOfAsync(topic, partition), reusesFrames: true);
    }

    private async Task LeaveAsync()
    {
        cluster.Forget(topic);
        if (connection is not { } former) return;
        connection = null;
        await former.DisposeAsync();
    }

    private sealed class Loan(byte[] bytes) : IDisposable
    {
        public void Dispose() => ArrayPool<byte>.Shared.Return(bytes);
    }
}
