using System.Runtime.InteropServices;
using Pipelines.Execution;
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

    // What an answer has besides the records, so that a block holds a whole fetch.
    private const int FrameBytes = 1024;
    private readonly SemaphoreSlim turn = new(1, 1);
    private BrokerConnection? connection;
    private Frames frames = new();

    internal async Task<FetchedBatches> FetchAsync(long offset, int maxBytes, TimeSpan maxWait)
    {
        await turn.WaitAsync();
        try
        {
            BrokerConnection broker = await ConnectAsync();
            int wanted = Math.Max(1, maxBytes - FrameBytes);
            FetchResponse answer = await broker.SendAsync(
                new FetchRequest
                {
                    MaxWaitMs = (int)maxWait.TotalMilliseconds,
                    MinBytes = 1,
                    MaxBytes = wanted,
                    IsolationLevel = cluster.Options.ReadsUncommitted ? ReadUncommitted : ReadCommitted,
                    SessionEpoch = -1,
                    ReplicaId = -1,
                    Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, FetchOffset = offset, PartitionMaxBytes = wanted, CurrentLeaderEpoch = -1 }] }],
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
                if (offset < range.Start) return new FetchedBatches([], 0, 0, range.Start, range.End, [], null);
                throw new BrokerException($"{topic}/{partition} ends at offset {range.End}, but offset {offset} was asked for: the log is shorter than it was.", isFatal: true);
            default:
                if (KafkaErrors.IsMoved(error)) await LeaveAsync();
                throw KafkaErrors.IsPassing(error) || KafkaErrors.IsMoved(error)
                    ? new BrokerException($"{topic}/{partition} cannot be read at the moment: the broker answers {(KafkaError)error}.", isFatal: false)
                    : cluster.Refused(error, $"{topic}/{partition} cannot be read", said: null, Right.OnTopic("Read", topic));
        }
    }

    /// <summary>The records lie where they were read, and whoever has them gives the memory back.</summary>
    private FetchedBatches Lend(FetchResponse.PartitionData data)
    {
        if (data.Records is not { Length: > 0 } records || !MemoryMarshal.TryGetArray(records, out ArraySegment<byte> place))
            return new FetchedBatches([], 0, 0, data.LogStartOffset, data.LastStableOffset, [], null);
        IReadOnlyList<AbortedTransaction> aborted = data.AbortedTransactions is { Count: > 0 } known
            ? [.. known.Select(static one => new AbortedTransaction(one.ProducerId, one.FirstOffset)).OrderBy(static one => one.FirstOffset)]
            : [];
        frames.Lend();
        return new FetchedBatches(place.Array!, place.Offset, place.Count, data.LogStartOffset, data.LastStableOffset, aborted, new Loan(place.Array!));
    }

    private async Task<BrokerConnection> ConnectAsync()
    {
        if (connection is { IsUsable: true } known) return known;
        await LeaveAsync();
        // Others than the former connection's: whoever reads there may still write to those.
        frames = new Frames();
        return connection = await cluster.ConnectAsync(await cluster.LeaderOfAsync(topic, partition), frames.Next);
    }

    private async Task LeaveAsync()
    {
        cluster.Forget(topic);
        if (connection is not { } former) return;
        connection = null;
        await former.DisposeAsync();
    }

    /// <summary>What the answers of one connection are read into.</summary>
    private sealed class Frames
    {
        private byte[]? last;

        /// <summary>Memory for an answer: that of the one before, unless it was lent.</summary>
        internal byte[] Next(int length)
        {
            if (last is not null && last.Length >= length) return last;
            if (last is not null) Blocks.Shared.Return(last);
            return last = Blocks.Shared.Rent(length);
        }

        /// <summary>The last answer's memory is another's now.</summary>
        internal void Lend() => last = null;
    }

    private sealed class Loan(byte[] bytes) : IDisposable
    {
        public void Dispose() => Blocks.Shared.Return(bytes);
    }
}
