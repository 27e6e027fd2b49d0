using System.Runtime.InteropServices;
using Pipelines.Broker.Transactions;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Appends batches; answered when they are durable, whatever the acks. With acks 0 there is no answer, and an error ends the connection.</summary>
internal sealed class ProduceHandler : Handler<ProduceRequest, ProduceResponse>
{
    private const short FirstVersionOfMessages = 8;
    private const short FirstAbortableVersion = 11;
    private const short FirstImplicitVersion = 12;

    internal override bool IsPipelined => true;

    protected override async ValueTask<ProduceResponse?> HandleAsync(ProduceRequest request, RequestContext context)
    {
        var response = new ProduceResponse { Responses = new(request.TopicData.Count) };
        var appends = new List<(TopicPartition Id, Task<AppendResult> Append, ProduceResponse.PartitionProduceResponse Answer)>();
        ErrorCode refused = Check(request, context);
        TransactionProtocol protocol = context.Version >= FirstImplicitVersion ? TransactionProtocol.Implicit
            : context.Version >= FirstAbortableVersion ? TransactionProtocol.Abortable : TransactionProtocol.Classic;
        foreach (ProduceRequest.TopicProduceData topic in request.TopicData)
        {
            var answer = new ProduceResponse.TopicProduceResponse { Name = topic.Name, PartitionResponses = new(topic.PartitionData.Count) };
            response.Responses.Add(answer);
            ErrorCode error = refused != ErrorCode.None ? refused
                : context.Allows(Operation.Write, ResourceKind.Topic, topic.Name) ? ErrorCode.None : ErrorCode.TopicAuthorizationFailed;
            foreach (ProduceRequest.PartitionProduceData partition in topic.PartitionData)
            {
                var partitionAnswer = new ProduceResponse.PartitionProduceResponse { Index = partition.Index, BaseOffset = -1, LogAppendTimeMs = -1, LogStartOffset = -1, ErrorCode = (short)error };
                answer.PartitionResponses.Add(partitionAnswer);
                if (error != ErrorCode.None) continue;
                var id = new TopicPartition(topic.Name, partition.Index);
                // The bytes are the frame's, and the frame is this request's alone.
                Memory<byte> batches = MemoryMarshal.AsMemory(partition.Records ?? default);
                appends.Add((id, context.Engine.AppendAsync(id, batches, request.TransactionalId, protocol), partitionAnswer));
            }
        }

        foreach ((TopicPartition id, Task<AppendResult> append, ProduceResponse.PartitionProduceResponse answer) in appends) await AnswerAsync(context, id, append, answer);
        if (request.Acks != 0) return response;
        if (response.Responses.Exists(static topic => topic.PartitionResponses.Exists(static partition => partition.ErrorCode != 0)))
            context.Connection.Abort("records that need no acknowledgement were refused, and there is no other way to say so");
        return null;
    }

    private static ErrorCode Check(ProduceRequest request, RequestContext context)
    {
        if (request.Acks is < -1 or > 1) return ErrorCode.InvalidRequiredAcks;
        if (request.TransactionalId is null)
        {
            // The engine would find the transactional id by the producer, but nobody has asked whether the client may use it.
            return context.Broker.HasAuthorizer && HasTransactionalBatch(request) ? ErrorCode.TransactionalIdAuthorizationFailed : ErrorCode.None;
        }

        if (request.TransactionalId.Length == 0) return ErrorCode.InvalidRequest;
        return context.Allows(Operation.Write, ResourceKind.TransactionalId, request.TransactionalId) ? ErrorCode.None : ErrorCode.TransactionalIdAuthorizationFailed;
    }

    /// <summary>All batches of a partition have to be of one kind, so the first tells.</summary>
    private static bool HasTransactionalBatch(ProduceRequest request) => request.TopicData.Exists(static topic => topic.PartitionData.Exists(
        static partition => RecordBatchHeader.TryRead((partition.Records ?? default).Span, out RecordBatchHeader first) && first.IsTransactional));

    /// <summary>What the code alone does not tell; null when it does.</summary>
    private static string? Explain(ErrorCode error) => error switch
    {
        ErrorCode.UnsupportedCompressionType => "The batch says that it is compressed with a codec that does not exist. Kafka has gzip, snappy, lz4 and zstd.",
        ErrorCode.MessageTooLarge => "The batch is larger than the topic's max.message.bytes, or, since the topic is compacted, its records decompress to more than the broker takes.",
        _ => null,
    };

    private static async ValueTask AnswerAsync(RequestContext context, TopicPartition id, Task<AppendResult> append, ProduceResponse.PartitionProduceResponse answer)
    {
        try
        {
            AppendResult result = await append;
            answer.ErrorCode = (short)TransactionErrors.OfWrite(result.Error);
            answer.ErrorMessage = context.Version >= FirstVersionOfMessages ? Explain(result.Error) : null;
            answer.BaseOffset = result.BaseOffset;
            answer.LogAppendTimeMs = result.AppendTimeMs;
            if (result.Error == ErrorCode.None) answer.LogStartOffset = context.Engine.FindOffsets(id)?.Start ?? -1;
        }
        catch (StorageFailedException failed)
        {
            answer.ErrorCode = (short)ErrorCode.KafkaStorageError;
            answer.ErrorMessage = context.Version >= FirstVersionOfMessages ? failed.Message : null;
        }
    }
}
