using System.Text;
using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>Batches as the soak's clients send and read them.</summary>
internal static class Batch
{
    // A header's two lengths, of one byte each for what is short, and its name.
    private const int HeaderOverhead = 1 + 2 + 1;

    internal static byte[] Of(BatchProducer producer, params string[] values)
    {
        var writer = new RecordBatchWriter();
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (string value in values) writer.Add(now, "key"u8, Encoding.UTF8.GetBytes(value));
        return writer.Complete(producer);
    }

    internal static async Task<(ErrorCode Error, long Offset)> ProduceAsync(
        BrokerConnection connection, TopicPartition partition, ReadOnlyMemory<byte> batch, string? transactionalId, short? version, CancellationToken cancellation)
    {
        // The last version that names topics by their names.
        const short Named = 12;
        ProduceResponse answer = await connection.SendAsync(new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 5000,
            TransactionalId = transactionalId,
            TopicData = [new() { Name = partition.Topic, PartitionData = [new() { Index = partition.Partition, Records = batch }] }],
        }, version ?? Named, cancellation);
        ProduceResponse.PartitionProduceResponse one = answer.Responses.Single().PartitionResponses.Single();
        return ((ErrorCode)one.ErrorCode, one.BaseOffset);
    }

    /// <summary>The records of an answer to a fetch, without markers and, unless asked for, without aborted ones; and the offset after them.</summary>
    /// <exception cref="CorruptBatchException">A checksum is wrong, or a batch does not hold what it says.</exception>
    internal static (List<(long Offset, string Value)> Records, long Next) Read(FetchResponse.PartitionData answer, long from, bool withAborted)
    {
        var seen = new List<(long, string)>();
        var aborting = new HashSet<long>();
        var aborted = new Queue<FetchResponse.AbortedTransaction>((answer.AbortedTransactions ?? []).OrderBy(static one => one.FirstOffset));
        ReadOnlySpan<byte> rest = answer.Records.GetValueOrDefault().Span;
        long next = from;
        while (RecordBatchHeader.TryRead(rest, out RecordBatchHeader header) && header.FitsInto(rest.Length))
        {
            ReadOnlySpan<byte> batch = rest[..header.TotalSize];
            if (!BatchSeal.HasRightChecksum(batch)) throw new CorruptBatchException($"The checksum of the batch at offset {header.BaseOffset} is wrong.", 0);
            while (aborted.TryPeek(out FetchResponse.AbortedTransaction? first) && first.FirstOffset <= header.LastOffset) aborting.Add(aborted.Dequeue().ProducerId);
            if (header.IsControl)
            {
                aborting.Remove(header.ProducerId);
            }
            else if (withAborted || !header.IsTransactional || !aborting.Contains(header.ProducerId))
            {
                var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, in header);
                while (records.MoveNext())
                {
                    // What has no value is told apart by its header, which is called id, or by its key.
                    ReadOnlySpan<byte> text = records.ValueLength > 0 ? batch.Slice(records.ValueStart, records.ValueLength)
                        : records.HeaderCount > 0 ? batch[(records.HeadersStart + HeaderOverhead)..records.End]
                        : batch.Slice(records.KeyStart, Math.Max(0, records.KeyLength));
                    int end = text.IndexOf((byte)' ');
                    if (records.Offset >= from) seen.Add((records.Offset, Encoding.UTF8.GetString(end < 0 ? text : text[..end])));
                }
            }

            next = header.NextOffset;
            rest = rest[header.TotalSize..];
        }

        return (seen, next);
    }
}
