using Pipelines.Broker.Log;

namespace Pipelines.Cli.Records;

/// <summary>A record that was read; its bytes are those of the answer it came in.</summary>
/// <param name="Partition">Where it lies.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="TimestampMs">Its time, Unix milliseconds.</param>
/// <param name="Key">Its key, or null.</param>
/// <param name="Value">Its value, or null.</param>
/// <param name="Headers">Its headers.</param>
internal sealed record ConsumedRecord(
    TopicPartition Partition, long Offset, long TimestampMs, ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value, IReadOnlyList<(string Name, ReadOnlyMemory<byte>? Value)> Headers);
