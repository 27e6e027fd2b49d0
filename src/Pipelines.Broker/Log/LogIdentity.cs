namespace Pipelines.Broker.Log;

/// <summary>A log as no other is: also one of a topic that had the same name and was deleted.</summary>
/// <param name="Topic">The topic's id.</param>
/// <param name="Partition">The partition's number.</param>
internal readonly record struct LogIdentity(Guid Topic, int Partition);
