using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>
/// Five batches in flight, sent again in their order when the connection was lost: each must be there once, where its answer said, whatever happened to the broker. Now and then
/// it repeats the last five, which must be told their first offsets, and leaves a gap, which must be refused.
/// </summary>
internal static class IdempotentWriter
{
    private const int Window = 5;

    /// <param name="stage">The round.</param>
    /// <param name="name">What it calls itself.</param>
    /// <param name="partition">Where it writes.</param>
    /// <param name="begin">Logs what it means to write next.</param>
    /// <param name="random">Decides.</param>
    /// <param name="stopping">Ends it, when everything is acknowledged.</param>
    internal static async Task RunAsync(Stage stage, string name, TopicPartition partition, Func<Attempt> begin, Random random, CancellationToken stopping)
    {
        await using Link link = stage.Link(name);
        var waiting = new Queue<Sent>();
        var last = new Queue<Sent>();
        long producerId = await OpenAsync(stage, link, name);
        int sequence = 0;
        int refused = 0;
        while (!stopping.IsCancellationRequested || waiting.Count > 0)
        {
            while (waiting.Count < Window && !stopping.IsCancellationRequested)
            {
                Attempt attempt = begin();
                waiting.Enqueue(new Sent(attempt, attempt.ToBatch(partition, new BatchProducer(producerId, 0, sequence, IsTransactional: false))));
                sequence += attempt.Values[partition].Length;
            }

            BrokerConnection connection = await link.OpenAsync(stage.Ending);
            Task<(ErrorCode Error, long Offset)>[] answers = [.. waiting.Select(one => Batch.ProduceAsync(connection, partition, one.Bytes, null, null, stage.Ending))];
            bool isFirst = true;
            foreach (Task<(ErrorCode, long)> answer in answers)
            {
                (ErrorCode error, long offset) = await AnswerAsync(answer);
                if (error != ErrorCode.None)
                {
                    // What was lost on the way makes those after it come out of order; the first of them has no such excuse.
                    if (isFirst && error is not (ErrorCode.KafkaStorageError or ErrorCode.RequestTimedOut) && ++refused > 3)
                    {
                        stage.Ledger.Violate("an idempotent producer was refused", $"{name}: {error} for {waiting.Peek().Attempt}");
                        return;
                    }

                    break;
                }

                refused = 0;
                isFirst = false;
                Sent sent = waiting.Dequeue();
                sent.Attempt.Offset = offset;
                sent.Attempt.Outcome = Outcome.Committed;
                last.Enqueue(sent);
                if (last.Count > Window) last.Dequeue();
            }

            foreach (Task<(ErrorCode, long)> answer in answers) await AnswerAsync(answer);
            if (waiting.Count > 0) await link.DropAsync();
            else if (random.Next(8) == 0) await ProbeAsync(stage, link, name, partition, producerId, sequence, last);
        }
    }

    private static async Task<long> OpenAsync(Stage stage, Link link, string name)
    {
        while (true)
        {
            try
            {
                InitProducerIdResponse answer = await (await link.OpenAsync(stage.Ending)).SendAsync(
                    new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 1000, ProducerId = -1, ProducerEpoch = -1 }, cancellation: stage.Ending);
                if (answer.ErrorCode == 0)
                {
                    stage.Ledger.SawProducer(answer.ProducerId, name);
                    return answer.ProducerId;
                }

                await link.DropAsync();
            }
            catch (BrokerConnectionException)
            {
                // Again, over another connection.
            }
        }
    }

    private static async Task ProbeAsync(Stage stage, Link link, string name, TopicPartition partition, long producerId, int sequence, Queue<Sent> last)
    {
        try
        {
            BrokerConnection connection = await link.OpenAsync(stage.Ending);
            foreach (Sent sent in last)
            {
                (ErrorCode error, long offset) = await Batch.ProduceAsync(connection, partition, sent.Bytes, null, null, stage.Ending);
                if (error == ErrorCode.KafkaStorageError) return;
                if (error != ErrorCode.None || offset != sent.Attempt.Offset) stage.Ledger.Violate("a repeated batch was not known", $"{sent.Attempt}: {error}, {offset} where {sent.Attempt.Offset} was told");
            }

            Attempt gap = stage.Ledger.Begin($"{name}-gap", (partition, 1));
            gap.Outcome = Outcome.Aborted;
            byte[] beyond = gap.ToBatch(partition, new BatchProducer(producerId, 0, sequence + 7, IsTransactional: false));
            (ErrorCode refusal, _) = await Batch.ProduceAsync(connection, partition, beyond, null, null, stage.Ending);
            if (refusal == ErrorCode.None) stage.Ledger.Violate("a gap in the sequence was taken", name);
        }
        catch (BrokerConnectionException)
        {
            // It can be asked another time.
        }
    }

    private static async Task<(ErrorCode Error, long Offset)> AnswerAsync(Task<(ErrorCode, long)> answer)
    {
        try
        {
            return await answer;
        }
        catch (BrokerConnectionException)
        {
            return (ErrorCode.RequestTimedOut, -1);
        }
    }

    private readonly record struct Sent(Attempt Attempt, byte[] Bytes);
}
