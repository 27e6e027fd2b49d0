using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Reads committed offsets: of one group, and from version 8 on of several.</summary>
internal sealed class OffsetFetchHandler : Handler<OffsetFetchRequest, OffsetFetchResponse>
{
    private const short FirstVersionOfGroups = 8;
    private const long NotCommitted = -1;

    protected override async ValueTask<OffsetFetchResponse?> HandleAsync(OffsetFetchRequest request, RequestContext context)
    {
        var response = new OffsetFetchResponse();
        if (context.Version < FirstVersionOfGroups)
        {
            List<TopicPartition>? wanted = request.Topics?.SelectMany(static topic => topic.PartitionIndexes.Select(index => new TopicPartition(topic.Name, index))).ToList();
            (ErrorCode error, IReadOnlyList<CommittedOffset> offsets) = await FindAsync(request.GroupId, wanted, request.RequireStable, context);
            response.ErrorCode = (short)error;
            foreach (IGrouping<string, CommittedOffset> topic in offsets.GroupBy(static offset => offset.Partition.Topic, StringComparer.Ordinal))
                response.Topics.Add(new() { Name = topic.Key, Partitions = [.. topic.Select(static offset => One(offset))] });
            return response;
        }

        foreach (OffsetFetchRequest.OffsetFetchRequestGroup group in request.Groups)
        {
            List<TopicPartition>? wanted = group.Topics?.SelectMany(static topic => topic.PartitionIndexes.Select(index => new TopicPartition(topic.Name, index))).ToList();
            (ErrorCode error, IReadOnlyList<CommittedOffset> offsets) = await FindAsync(group.GroupId, wanted, request.RequireStable, context);
            var answer = new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = group.GroupId, ErrorCode = (short)error };
            foreach (IGrouping<string, CommittedOffset> topic in offsets.GroupBy(static offset => offset.Partition.Topic, StringComparer.Ordinal))
                answer.Topics.Add(new() { Name = topic.Key, Partitions = [.. topic.Select(static offset => OneOfGroup(offset))] });
            response.Groups.Add(answer);
        }

        return response;
    }

    private static async ValueTask<(ErrorCode Error, IReadOnlyList<CommittedOffset> Offsets)> FindAsync(
        string group, List<TopicPartition>? wanted, bool requireStable, RequestContext context)
    {
        if (!context.Allows(Operation.Describe, ResourceKind.Group, group)) return (ErrorCode.GroupAuthorizationFailed, []);
        IReadOnlyList<CommittedOffset> found = await context.Engine.FindOffsetsAsync(group, wanted, requireStable);
        bool isAll = wanted is null;
        return (ErrorCode.None, [.. found.Select(offset => Allowed(offset, isAll, context)).OfType<CommittedOffset>()]);
    }

    /// <summary>A topic that the client may not see is refused when it was named, and else left out.</summary>
    private static CommittedOffset? Allowed(CommittedOffset offset, bool isAll, RequestContext context) =>
        context.Allows(Operation.Describe, ResourceKind.Topic, offset.Partition.Topic, isQuiet: isAll) ? offset
        : isAll ? null : new CommittedOffset(ErrorCode.TopicAuthorizationFailed, offset.Partition, null);

    private static OffsetFetchResponse.OffsetFetchResponsePartition One(CommittedOffset offset) => new()
    {
        PartitionIndex = offset.Partition.Partition,
        CommittedOffset = offset.Offset?.Offset ?? NotCommitted,
        CommittedLeaderEpoch = offset.Offset?.LeaderEpoch ?? -1,
        Metadata = offset.Offset?.Metadata ?? "",
        ErrorCode = (short)offset.Error,
    };

    private static OffsetFetchResponse.OffsetFetchResponsePartitions OneOfGroup(CommittedOffset offset) => new()
    {
        PartitionIndex = offset.Partition.Partition,
        CommittedOffset = offset.Offset?.Offset ?? NotCommitted,
        CommittedLeaderEpoch = offset.Offset?.LeaderEpoch ?? -1,
        Metadata = offset.Offset?.Metadata ?? "",
        ErrorCode = (short)offset.Error,
    };
}
