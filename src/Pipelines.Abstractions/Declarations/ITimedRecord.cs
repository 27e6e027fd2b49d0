namespace Pipelines;

/// <summary>A record of a topic that finds out its event time itself, from what it holds and from its timestamp; for topics whose writers do not know ours.</summary>
/// <remarks>Implement it on a type with <c>[Topic]</c> or <c>[Table]</c> and without an <c>[EventTime]</c> member. The answer must depend on the arguments alone: a replay asks again.</remarks>
/// <typeparam name="TSelf">The record type itself.</typeparam>
public interface ITimedRecord<TSelf>
    where TSelf : struct
{
    /// <summary>The event time in Unix milliseconds.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timestampMs">Its timestamp on the broker, in Unix milliseconds.</param>
    static abstract long ReadEventTime(in TSelf record, long timestampMs);
}
