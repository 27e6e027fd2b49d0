using Pipelines.Broker.Server.Handlers;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Requests;

/// <summary>The handlers by API key.</summary>
internal static class HandlerTable
{
    private static readonly Handler?[] ByKey = Index(
    [
        new ProduceHandler(),
        new FetchHandler(),
        new ListOffsetsHandler(),
        new MetadataHandler(),
        new OffsetCommitHandler(),
        new OffsetFetchHandler(),
        new FindCoordinatorHandler(),
        new JoinGroupHandler(),
        new HeartbeatHandler(),
        new LeaveGroupHandler(),
        new SyncGroupHandler(),
        new DescribeGroupsHandler(),
        new ListGroupsHandler(),
        new SaslHandshakeHandler(),
        new ApiVersionsHandler(),
        new CreateTopicsHandler(),
        new DeleteTopicsHandler(),
        new DeleteRecordsHandler(),
        new InitProducerIdHandler(),
        new OffsetForLeaderEpochHandler(),
        new AddPartitionsToTxnHandler(),
        new AddOffsetsToTxnHandler(),
        new EndTxnHandler(),
        new WriteTxnMarkersHandler(),
        new TxnOffsetCommitHandler(),
        new DescribeAclsHandler(),
        new CreateAclsHandler(),
        new DeleteAclsHandler(),
        new DescribeConfigsHandler(),
        new AlterConfigsHandler(),
        new DescribeLogDirsHandler(),
        new SaslAuthenticateHandler(),
        new CreatePartitionsHandler(),
        new DeleteGroupsHandler(),
        new IncrementalAlterConfigsHandler(),
        new OffsetDeleteHandler(),
        new DescribeUserScramCredentialsHandler(),
        new AlterUserScramCredentialsHandler(),
        new DescribeClusterHandler(),
        new DescribeProducersHandler(),
        new DescribeTransactionsHandler(),
        new ListTransactionsHandler(),
        new DescribeTopicPartitionsHandler(),
    ]);

    /// <summary>The handler of an API, or null when it is not served.</summary>
    internal static Handler? Find(ApiKey key) => (uint)key < (uint)ByKey.Length ? ByKey[(int)key] : null;

    private static Handler?[] Index(Handler[] handlers)
    {
        var table = new Handler?[handlers.Max(static handler => (int)handler.Key) + 1];
        foreach (Handler handler in handlers) table[(int)handler.Key] = handler;
        return table;
    }
}
