using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>Reads one partition, committed records only, while everything else goes on, and notes what it is told.</summary>
/// <param name="stage">The round.</param>
/// <param name="partition">What it reads.</param>
/// <param name="from">The first offset that it reads.</param>
internal sealed class PartitionReader(Stage stage, TopicPartition partition, long from = 0)
{
    private const int WholeBytes = 1 << 20;
    private long stable;
    private long next = from;

    /// <summary>Reads on and on, from the beginning.</summary>
    internal async Task FollowAsync(CancellationToken stopping)
    {
        await using Link link = stage.Link("reader");
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                (List<(long Offset, string Value)> records, _, _) = await FetchAsync(await link.OpenAsync(stage.Ending), TimeSpan.FromMilliseconds(50));
                foreach ((long offset, string value) in records) stage.Ledger.SawRecord(partition, offset, value);
            }
            catch (BrokerConnectionException)
            {
                // It goes on where it was.
                await Task.Delay(5, stage.Ending);
            }
        }
    }

    /// <summary>Everything that is decided when it comes to the end.</summary>
    internal async Task<IReadOnlyList<(long Offset, string Value)>> ScanAsync()
    {
        await using Link link = stage.Link("scanner");
        var all = new List<(long, string)>();
        while (true)
        {
            try
            {
                (List<(long, string)> records, long lastStable, _) = await FetchAsync(await link.OpenAsync(stage.Ending), TimeSpan.Zero);
                all.AddRange(records);
                if (next >= lastStable) return all;
            }
            catch (BrokerConnectionException)
            {
                // It goes on where it was.
                await Task.Delay(5, stage.Ending);
            }
        }
    }

    /// <summary>Everything that is there, and whether nothing is undecided; waits for that as long as a transaction may be open.</summary>
    internal async Task<(IReadOnlyList<(long Offset, string Value)> Records, bool IsDecided)> ReadAllAsync(TimeSpan patience)
    {
        await using Link link = stage.Link("last reader");
        using var waiting = new CancellationTokenSource(patience);
        var all = new List<(long, string)>();
        while (true)
        {
            try
            {
                (List<(long, string)> records, long lastStable, long high) = await FetchAsync(await link.OpenAsync(stage.Ending), TimeSpan.FromMilliseconds(20));
                all.AddRange(records);
                // As long as there is something to read nothing is waited for.
                if (next >= high || (records.Count == 0 && waiting.IsCancellationRequested)) return (all, lastStable == high);
            }
            catch (BrokerConnectionException problem)
            {
                // Asked again, as long as there is time.
                if (!waiting.IsCancellationRequested)
                {
                    await Task.Delay(5, stage.Ending);
                    continue;
                }

                stage.Ledger.Violate("a partition could not be read at the end", $"{partition}@{next}: {problem.Message}");
                return (all, false);
            }
        }
    }

    /// <summary>The next records, some thousand bytes of them at most, and whether there are no others, nor any that are undecided.</summary>
    internal async Task<(List<(long Offset, string Value)> Records, bool IsAtEnd)> ReadAsync(BrokerConnection connection, TimeSpan wait, int maxBytes)
    {
        (List<(long, string)> records, _, long high) = await FetchAsync(connection, wait, maxBytes);
        return (records, next >= high);
    }

    private async Task<(List<(long Offset, string Value)> Records, long Stable, long High)> FetchAsync(BrokerConnection connection, TimeSpan wait, int maxBytes = WholeBytes)
    {
        bool ignoresStable = stage.Off == BrokerProtection.Visibility;
        FetchResponse answer = await connection.SendAsync(new FetchRequest
        {
            MaxWaitMs = (int)wait.TotalMilliseconds,
            MinBytes = 1,
            IsolationLevel = (sbyte)(ignoresStable ? 0 : 1),
            SessionEpoch = -1,
            Topics = [new() { Topic = partition.Topic, Partitions = [new() { Partition = partition.Partition, FetchOffset = next, PartitionMaxBytes = maxBytes, CurrentLeaderEpoch = -1 }] }],
        }, version: 12, stage.Ending);
        FetchResponse.PartitionData data = answer.Responses.Single().Partitions.Single();
        if (data.ErrorCode != 0)
        {
            var error = (ErrorCode)data.ErrorCode;
            if (error == ErrorCode.OffsetOutOfRange) stage.Ledger.Violate("a reader was ahead of the log", $"{partition}@{next}");
            throw new BrokerConnectionException($"A fetch was answered {error}.", data.ErrorCode);
        }

        if (data.LastStableOffset > data.HighWatermark) stage.Ledger.Violate("the last stable offset is beyond the high watermark", $"{partition}: {data.LastStableOffset}, {data.HighWatermark}");
        if (!ignoresStable && data.LastStableOffset < stable) stage.Ledger.Violate("the last stable offset went back", $"{partition}: from {stable} to {data.LastStableOffset}");
        stable = Math.Max(stable, data.LastStableOffset);
        try
        {
            (List<(long, string)> records, next) = Batch.Read(data, next, withAborted: ignoresStable);
            return (records, data.LastStableOffset, data.HighWatermark);
        }
        catch (CorruptBatchException damage)
        {
            stage.Ledger.Violate("a damaged batch was served", $"{partition}@{next}: {damage.Message}");
            throw new BrokerConnectionException(damage.Message, 0, damage);
        }
    }
}
