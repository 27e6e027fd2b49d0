using Pipelines.Broker;
using Pipelines.Broker.Server.Faults;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Brokers.Worlds;

/// <summary>Switches protections of a broker off by what is done to requests before it serves them. Others are switched off at the disk, the engine or the clients.</summary>
internal static class Protections
{
    private const int TenMinutesMs = 600_000;

    internal static void SwitchOff(BrokerProtection off, BrokerFaults requests, Func<LogEngine?> engine)
    {
        switch (off)
        {
            case BrokerProtection.Sequences:
                requests.Observe(ApiKey.Produce, static request => TakeSequences((ProduceRequest)request.Message));
                break;
            case BrokerProtection.Timeouts:
                requests.Observe(ApiKey.InitProducerId, static request => ((InitProducerIdRequest)request.Message).TransactionTimeoutMs = TenMinutesMs);
                break;
            case BrokerProtection.Fencing:
                requests.Intercept(ApiKey.InitProducerId, request => GiveKnown((InitProducerIdRequest)request.Message, engine()));
                break;
            case BrokerProtection.Generations:
                requests.Observe(ApiKey.TxnOffsetCommit, static request => TakeMember((TxnOffsetCommitRequest)request.Message));
                break;
            case BrokerProtection.Stability:
                requests.Observe(ApiKey.OffsetFetch, static request => ((OffsetFetchRequest)request.Message).RequireStable = false);
                break;
        }
    }

    private static void TakeMember(TxnOffsetCommitRequest request) => (request.MemberId, request.GenerationId, request.GroupInstanceId) = ("", -1, null);

    private static void TakeSequences(ProduceRequest request)
    {
        foreach (ProduceRequest.PartitionProduceData data in request.TopicData.SelectMany(static topic => topic.PartitionData))
        {
            if (data.Records is not { } records || !RecordBatchHeader.TryRead(records.Span, out RecordBatchHeader header) || header.IsTransactional || header.ProducerId < 0) continue;
            byte[] bytes = records.ToArray();
            (header with { ProducerId = -1, ProducerEpoch = -1, BaseSequence = -1 }).Write(bytes);
            BatchSeal.WriteChecksum(bytes);
            data.Records = bytes;
        }
    }

    private static Fault GiveKnown(InitProducerIdRequest request, LogEngine? engine)
    {
        // Interceptors decide at once; what the engine is asked takes one turn of its loop.
        TransactionDescription? known = request.TransactionalId is { } id ? engine?.DescribeTransactionAsync(id).GetAwaiter().GetResult() : null;
        return known is { } one ? Fault.Answer(new InitProducerIdResponse { ProducerId = one.ProducerId, ProducerEpoch = one.Epoch }) : Fault.None;
    }
}
