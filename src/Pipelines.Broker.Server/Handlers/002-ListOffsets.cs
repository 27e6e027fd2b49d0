using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Finds offsets by time.</summary>
internal sealed class ListOffsetsHandler : Handler<ListOffsetsRequest, ListOffsetsResponse>
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;
    private const long EarliestLocal = -4;
    private const short FirstVersionOfLeaderEpoch = 4;

    protected override ValueTask<ListOffsetsResponse?> HandleAsync(ListOffsetsRequest request, RequestContext context)
    {
        var response = new ListOffsetsResponse { Topics = new(request.Topics.Count) };
        foreach (ListOffsetsRequest.ListOffsetsTopic topic in request.Topics)
        {
            bool isAllowed = context.Allows(Operation.Describe, ResourceKind.Topic, topic.Name);
            var answer = new ListOffsetsResponse.ListOffsetsTopicResponse { Name = topic.Name, Partitions = new(topic.Partitions.Count) };
            response.Topics.Add(answer);
            foreach (ListOffsetsRequest.ListOffsetsPartition partition in topic.Partitions)
            {
                answer.Partitions.Add(isAllowed
                    ? Find(context, new TopicPartition(topic.Name, partition.PartitionIndex), partition, request.IsolationLevel == 1)
                    : new() { PartitionIndex = partition.PartitionIndex, ErrorCode = (short)ErrorCode.TopicAuthorizationFailed });
            }
        }

        return new(response);
    }

    private static ListOffsetsResponse.ListOffsetsPartitionResponse Find(
        RequestContext context, TopicPartition id, ListOffsetsRequest.ListOffsetsPartition wanted, bool readCommitted)
    {
        var answer = new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = id.Partition };
        if (context.Engine.FindOffsets(id) is not { } offsets)
        {
            answer.ErrorCode = (short)ErrorCode.UnknownTopicOrPartition;
            return answer;
        }

        answer.ErrorCode = (short)LeaderEpochs.Check(wanted.CurrentLeaderEpoch);
        if (answer.ErrorCode != 0) return answer;
        long offset;
        long timestamp;
        try
        {
            (offset, timestamp) = wanted.Timestamp switch
            {
                Latest => (readCommitted ? offsets.Stable : offsets.HighWatermark, -1),
                Earliest or EarliestLocal => (offsets.Start, -1),
                MaxTimestamp => context.Engine.FindLatestTime(id),
                < 0 => (-1, -1),
                _ => context.Engine.FindTime(id, wanted.Timestamp, readCommitted),
            };
        }
        catch (DamagedBatchException)
        {
            // The engine has said where; what is looked for may be in it.
            answer.ErrorCode = (short)ErrorCode.CorruptMessage;
            return answer;
        }

        answer.Offset = offset;
        answer.Timestamp = timestamp;
        if (offset >= 0 && context.Version >= FirstVersionOfLeaderEpoch) answer.LeaderEpoch = LeaderEpochs.Current;
        return answer;
    }
}
