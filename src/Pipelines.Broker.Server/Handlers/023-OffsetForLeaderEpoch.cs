using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells where the log of a leader epoch ends: there is one epoch, and it goes on.</summary>
/// <remarks>Source: KIP-320.</remarks>
internal sealed class OffsetForLeaderEpochHandler : Handler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>
{
    protected override ValueTask<OffsetForLeaderEpochResponse?> HandleAsync(OffsetForLeaderEpochRequest request, RequestContext context)
    {
        var response = new OffsetForLeaderEpochResponse { Topics = new(request.Topics.Count) };
        foreach (OffsetForLeaderEpochRequest.OffsetForLeaderTopic topic in request.Topics)
        {
            bool isAllowed = context.Allows(Operation.Describe, ResourceKind.Topic, topic.Topic);
            response.Topics.Add(new()
            {
                Topic = topic.Topic,
                Partitions = [.. topic.Partitions.Select(partition => Find(context.Engine, topic.Topic, partition, isAllowed))],
            });
        }

        return new(response);
    }

    private static OffsetForLeaderEpochResponse.EpochEndOffset Find(
        LogEngine engine, string topic, OffsetForLeaderEpochRequest.OffsetForLeaderPartition wanted, bool isAllowed)
    {
        var answer = new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = wanted.Partition };
        if (!isAllowed)
        {
            answer.ErrorCode = (short)ErrorCode.TopicAuthorizationFailed;
        }
        else if (engine.FindOffsets(new TopicPartition(topic, wanted.Partition)) is not { } offsets)
        {
            answer.ErrorCode = (short)ErrorCode.UnknownTopicOrPartition;
        }
        else if (LeaderEpochs.Check(wanted.CurrentLeaderEpoch) is var error && error != ErrorCode.None)
        {
            answer.ErrorCode = (short)error;
        }
        else if (wanted.LeaderEpoch == LeaderEpochs.Current)
        {
            answer.LeaderEpoch = LeaderEpochs.Current;
            answer.EndOffset = offsets.HighWatermark;
        }

        return answer;
    }
}
