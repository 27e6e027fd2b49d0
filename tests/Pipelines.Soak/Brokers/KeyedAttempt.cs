using System.Text;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Brokers;

/// <summary>A record under a key of a compacted topic.</summary>
/// <param name="Key">The key.</param>
/// <param name="Order">How many its writer had sent under the key before.</param>
/// <param name="Value">What no other record has; of a tombstone it is in a header.</param>
/// <param name="IsTombstone">True when it deletes the key.</param>
internal sealed record KeyedWrite(string Key, int Order, string Value, bool IsTombstone);

/// <summary>A transaction or a batch of records that replace each other.</summary>
internal sealed class KeyedAttempt(string writer, long number, IReadOnlyDictionary<TopicPartition, KeyedWrite[]> writes)
    : Attempt(writer, number, writes.ToDictionary(static one => one.Key, static one => one.Value.Select(static write => write.Value).ToArray()))
{
    private static readonly byte[] HeaderName = "id"u8.ToArray();

    internal IReadOnlyDictionary<TopicPartition, KeyedWrite[]> Writes => writes;

    /// <summary>When it was begun, and how often the broker's clock had jumped by then.</summary>
    internal required (long Ticks, int Jumps) Began { get; init; }

    internal override byte[] ToBatch(TopicPartition partition, BatchProducer producer)
    {
        var writer = new RecordBatchWriter();
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        foreach (KeyedWrite write in writes[partition])
        {
            byte[] value = Encoding.UTF8.GetBytes(write.Value);
            writer.Add(now, Encoding.UTF8.GetBytes(write.Key), write.IsTombstone ? default : value, write.IsTombstone ? [new RecordHeader(HeaderName, value)] : [], hasValue: !write.IsTombstone);
        }

        return writer.Complete(producer);
    }
}
