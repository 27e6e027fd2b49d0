using Pipelines.Execution;

namespace Pipelines;

/// <summary>Time and ids that are the same on every replay of the same input.</summary>
public readonly struct DetectorClock
{
    private readonly TaskScope scope;

    /// <summary>For generated code.</summary>
    public DetectorClock(TaskScope scope) => this.scope = scope;

    /// <summary>The stream time at this record: the greatest event time seen so far in its partition, never earlier than the record's own.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(scope.RecordTime);

    /// <summary>A new id, drawn from the record's position and the number of ids it has drawn; a version 8 UUID (RFC 9562, section 5.8).</summary>
    public Guid NewGuid() => scope.NewGuid();
}
