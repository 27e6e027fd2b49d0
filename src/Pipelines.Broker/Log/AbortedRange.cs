namespace Pipelines.Broker.Log;

/// <summary>A transaction that was aborted in a partition.</summary>
/// <param name="ProducerId">Its producer.</param>
/// <param name="FirstOffset">Its first record.</param>
/// <param name="LastOffset">Its abort marker.</param>
public readonly record struct AbortedRange(long ProducerId, long FirstOffset, long LastOffset);
