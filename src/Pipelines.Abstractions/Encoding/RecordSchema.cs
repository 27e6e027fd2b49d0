namespace Pipelines;

/// <summary>Where records of a type live.</summary>
public enum RecordKind
{
    /// <summary>Inside the task only.</summary>
    Wire = 0,

    /// <summary>On a topic.</summary>
    Topic = 1,

    /// <summary>On a compacted topic, a row per key.</summary>
    Table = 2,
}

/// <summary>One member of a record type.</summary>
/// <param name="Name">The member's name as declared.</param>
/// <param name="Type">Its type in C# words without the global prefix, such as <c>long?</c>.</param>
/// <param name="IsKey">True when it is the key or a part of it.</param>
/// <param name="IsEventTime">True when it says when the event happened.</param>
public sealed record MemberSchema(string Name, string Type, bool IsKey, bool IsEventTime);

/// <summary>A record type as data.</summary>
/// <param name="Name">The full name of the type.</param>
/// <param name="Kind">Topic, table or wire.</param>
/// <param name="Topic">The topic's name; empty for a wire.</param>
/// <param name="Format">How the value is written.</param>
/// <param name="Fingerprint">Sixteen hexadecimal digits that change when kind, format, or a member's name, type or place changes.</param>
/// <param name="BorrowsBytes">True when a member borrows the batch's bytes (<see cref="Text"/>).</param>
/// <param name="Members">The members in declaration order.</param>
public sealed record RecordSchema(
    string Name,
    RecordKind Kind,
    string Topic,
    Format Format,
    string Fingerprint,
    bool BorrowsBytes,
    IReadOnlyList<MemberSchema> Members);
