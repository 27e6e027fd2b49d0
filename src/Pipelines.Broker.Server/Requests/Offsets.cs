using Pipelines.Broker.Journal;

namespace Pipelines.Broker.Server.Requests;

/// <summary>Looks at offsets that a client wants to commit, one by one: the engine takes all or none.</summary>
internal static class Offsets
{
    /// <summary>The longest text that goes with an offset (Kafka: <c>offset.metadata.max.bytes</c>).</summary>
    private const int MaxMetadataLength = 4096;

    internal static ErrorCode Check(LogEngine engine, in GroupOffset offset) =>
        engine.FindOffsets(offset.Partition) is null ? ErrorCode.UnknownTopicOrPartition
        : offset.Metadata.Length > MaxMetadataLength ? ErrorCode.OffsetMetadataTooLarge : ErrorCode.None;
}
