using System.Runtime.CompilerServices;
using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Cli.Cluster;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Cli.Records;

/// <summary>Reads partitions from where they are told to, one request to each leader at a time.</summary>
/// <param name="session">The cluster.</param>
/// <param name="topics">Who leads the partitions.</param>
/// <param name="from">Where each partition begins.</param>
/// <param name="until">Where each ends, or null to go on for ever.</param>
/// <param name="isCommitted">Leave out what is not committed.</param>
internal sealed class RecordConsumer(Session session, TopicView topics, Dictionary<TopicPartition, long> from, Dictionary<TopicPartition, long>? until, bool isCommitted)
{
    private const short LastVersionOfNames = 12;
    private const int PartitionBytes = 1024 * 1024;
    private const int AnswerBytes = 32 * 1024 * 1024;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<TopicPartition, PartitionReader> readers = from.ToDictionary(static start => start.Key, static start => new PartitionReader(start.Key, start.Value));
    private TopicView view = topics;

    /// <summary>The offset after the last record that was given, or skipped, of each partition.</summary>
    internal IReadOnlyDictionary<TopicPartition, long> Positions => readers.ToDictionary(static reader => reader.Key, static reader => reader.Value.Position);

    /// <summary>Records as they come, an answer of a broker at a time; an empty list when a while went by without any.</summary>
    internal async IAsyncEnumerable<IEnumerable<ConsumedRecord>> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        while (true)
        {
            PartitionReader[] left = [.. readers.Values.Where(IsLeft)];
            if (left.Length == 0) yield break;
            FetchResponse?[] answers = await Task.WhenAll(left.GroupBy(reader => view.LeaderOf(reader.Id)).Select(led => FetchAsync(led.Key, [.. led], stop)));
            bool isDisturbed = false;
            foreach (FetchResponse? answer in answers)
            {
                isDisturbed |= answer is null;
                if (answer is null) continue;
                foreach (FetchResponse.FetchableTopicResponse topic in answer.Responses)
                {
                    foreach (FetchResponse.PartitionData partition in topic.Partitions)
                    {
                        PartitionReader reader = readers[new(topic.Topic, partition.PartitionIndex)];
                        if (IsDisturbed(partition, reader)) isDisturbed = true;
                        else yield return Within(reader, reader.Read(partition));
                    }
                }
            }

            if (!isDisturbed) continue;
            await Task.Delay(Pause, session.Terminal.Time, stop);
            view = await TopicView.OfAsync(session, readers.Keys.Select(static partition => partition.Topic));
        }
    }

    private bool IsLeft(PartitionReader reader) => until is null || reader.Position < until[reader.Id];

    private IEnumerable<ConsumedRecord> Within(PartitionReader reader, IEnumerable<ConsumedRecord> records)
    {
        foreach (ConsumedRecord record in records)
        {
            if (until is not null && record.Offset >= until[reader.Id])
            {
                reader.Position = until[reader.Id];
                yield break;
            }

            yield return record;
        }
    }

    private static bool IsDisturbed(FetchResponse.PartitionData partition, PartitionReader reader)
    {
        if (partition.ErrorCode == 0) return false;
        if (Errors.IsPassing(partition.ErrorCode) || partition.ErrorCode == (short)ErrorCode.FencedLeaderEpoch) return true;
        Errors.Throw(partition.ErrorCode, $"Offset {reader.Position} of partition {reader.Id.Partition} of '{reader.Id.Topic}'");
        return false;
    }

    private async Task<FetchResponse?> FetchAsync(int leader, PartitionReader[] led, CancellationToken stop)
    {
        var request = new FetchRequest
        {
            MaxWaitMs = (int)Wait.TotalMilliseconds,
            MinBytes = 1,
            MaxBytes = AnswerBytes,
            IsolationLevel = (sbyte)(isCommitted ? 1 : 0),
            Topics = [.. led.GroupBy(static reader => reader.Id.Topic).Select(static topic => new FetchRequest.FetchTopic
            {
                Topic = topic.Key,
                Partitions = [.. topic.Select(static reader => new FetchRequest.FetchPartition { Partition = reader.Id.Partition, FetchOffset = reader.Position, PartitionMaxBytes = PartitionBytes })],
            })],
        };
        try
        {
            BrokerConnection connection = await session.Client.NodeAsync(leader, stop);
            FetchResponse answer = await connection.SendAsync(request, Session.VersionAtMost(connection, ApiKey.Fetch, LastVersionOfNames), stop);
            Errors.Check(answer.ErrorCode, $"Broker {connection.Address}");
            return answer;
        }
        catch (BrokerConnectionException) when (view.Metadata.Brokers.Count > 1)
        {
            // Another broker may lead the partition in a moment.
            return null;
        }
    }
}
