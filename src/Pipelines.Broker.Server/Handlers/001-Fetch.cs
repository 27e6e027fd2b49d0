using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Reads batches. Fetch sessions (KIP-227) are not kept: every answer says session 0, and every request names all its partitions.</summary>
internal sealed class FetchHandler : Handler<FetchRequest, FetchResponse>
{
    private const short FirstVersionOfIds = 13;

    protected override async ValueTask<FetchResponse?> HandleAsync(FetchRequest request, RequestContext context)
    {
        if (request.SessionId != 0) return new FetchResponse { ErrorCode = (short)ErrorCode.FetchSessionIdNotFound };
        bool readCommitted = request.IsolationLevel == 1;
        var response = new FetchResponse { Responses = new(request.Topics.Count) };
        var parts = new List<FetchPart>();
        var answers = new List<FetchResponse.PartitionData>();
        bool isRefused = false;
        foreach (FetchRequest.FetchTopic topic in request.Topics)
        {
            ErrorCode error = Find(topic, context, out string name);
            var answer = new FetchResponse.FetchableTopicResponse { Topic = topic.Topic, TopicId = topic.TopicId, Partitions = new(topic.Partitions.Count) };
            response.Responses.Add(answer);
            foreach (FetchRequest.FetchPartition partition in topic.Partitions)
            {
                ErrorCode partitionError = error != ErrorCode.None ? error : LeaderEpochs.Check(partition.CurrentLeaderEpoch);
                var partitionAnswer = new FetchResponse.PartitionData
                {
                    PartitionIndex = partition.Partition,
                    ErrorCode = (short)partitionError,
                    HighWatermark = -1,
                    LastStableOffset = -1,
                    LogStartOffset = -1,
                    PreferredReadReplica = -1,
                    Records = ReadOnlyMemory<byte>.Empty,
                };
                answer.Partitions.Add(partitionAnswer);
                isRefused |= partitionError != ErrorCode.None;
                if (partitionError != ErrorCode.None) continue;
                parts.Add(new FetchPart(new TopicPartition(name, partition.Partition), partition.FetchOffset, partition.PartitionMaxBytes));
                answers.Add(partitionAnswer);
            }
        }

        // What is refused is told at once.
        TimeSpan wait = isRefused ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Max(0, request.MaxWaitMs));
        FetchResult[] results = await context.Engine.FetchAsync(parts, Math.Min(request.MaxBytes, context.Broker.Options.MaxFetchBytes), readCommitted, wait, request.MinBytes, context.Connection.Closed);
        for (int i = 0; i < results.Length; i++)
        {
            context.Lend(results[i]);
            Fill(answers[i], results[i], readCommitted);
        }

        return response;
    }

    private static ErrorCode Find(FetchRequest.FetchTopic topic, RequestContext context, out string name)
    {
        name = topic.Topic;
        if (context.Version >= FirstVersionOfIds)
        {
            if (context.Engine.FindTopic(topic.TopicId) is not { } found) return ErrorCode.UnknownTopicId;
            name = found.Name;
        }

        return context.Allows(Operation.Read, ResourceKind.Topic, name) ? ErrorCode.None : ErrorCode.TopicAuthorizationFailed;
    }

    private static void Fill(FetchResponse.PartitionData answer, FetchResult result, bool readCommitted)
    {
        answer.ErrorCode = (short)result.Error;
        answer.HighWatermark = result.HighWatermark;
        answer.LastStableOffset = result.StableOffset;
        answer.LogStartOffset = result.StartOffset;
        answer.Records = result.Bytes.AsMemory(0, result.Length);
        if (!readCommitted)
        {
            answer.AbortedTransactions = null;
            return;
        }

        answer.AbortedTransactions = new(result.Aborted.Count);
        foreach (AbortedRange range in result.Aborted) answer.AbortedTransactions.Add(new() { ProducerId = range.ProducerId, FirstOffset = range.FirstOffset });
    }
}
