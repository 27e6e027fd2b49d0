using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Topics;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells topics and their partitions, page by page, in the order of the topics' names.</summary>
/// <remarks>Source: KIP-966.</remarks>
internal sealed class DescribeTopicPartitionsHandler : Handler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>
{
    private const int MostPartitions = 2000;

    protected override ValueTask<DescribeTopicPartitionsResponse?> HandleAsync(DescribeTopicPartitionsRequest request, RequestContext context)
    {
        var response = new DescribeTopicPartitionsResponse();
        bool isAll = request.Topics.Count == 0;
        IEnumerable<string> names = isAll ? context.Engine.Topics.Select(static topic => topic.Name) : request.Topics.Select(static topic => topic.Name).Distinct(StringComparer.Ordinal);
        int left = Math.Clamp(request.ResponsePartitionLimit, 1, MostPartitions);
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            int order = request.Cursor is { } cursor ? string.CompareOrdinal(name, cursor.TopicName) : 1;
            if (order < 0) continue;
            int from = order == 0 ? Math.Max(0, request.Cursor!.PartitionIndex) : 0;
            if (!context.Allows(Operation.Describe, ResourceKind.Topic, name, isQuiet: isAll))
            {
                if (!isAll) response.Topics.Add(new() { Name = name, ErrorCode = (short)ErrorCode.TopicAuthorizationFailed });
                continue;
            }

            if (context.Engine.FindTopic(name) is not { } topic)
            {
                if (!isAll) response.Topics.Add(new() { Name = name, ErrorCode = (short)(EngineState.IsAllowedName(name) ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopic) });
                continue;
            }

            if (left == 0)
            {
                response.NextCursor = new() { TopicName = name, PartitionIndex = from };
                break;
            }

            from = Math.Min(from, topic.Partitions);
            int to = Math.Min(topic.Partitions, from + left);
            response.Topics.Add(Describe(topic, from, to, context));
            left -= Math.Max(0, to - from);
            if (to >= topic.Partitions) continue;
            response.NextCursor = new() { TopicName = name, PartitionIndex = to };
            break;
        }

        return new(response);
    }

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Describe(TopicDescription topic, int from, int to, RequestContext context)
    {
        int node = context.Broker.Options.NodeId;
        var answer = new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.Id,
            TopicAuthorizedOperations = context.Operations(ResourceKind.Topic, topic.Name, isAsked: true),
        };
        for (int i = from; i < to; i++)
        {
            answer.Partitions.Add(new()
            {
                PartitionIndex = i,
                LeaderId = node,
                LeaderEpoch = LeaderEpochs.Current,
                ReplicaNodes = [node],
                IsrNodes = [node],
                EligibleLeaderReplicas = [],
                LastKnownElr = [],
            });
        }

        return answer;
    }
}
