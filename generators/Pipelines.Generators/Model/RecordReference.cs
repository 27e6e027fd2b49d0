namespace Pipelines.Generators.Model;

/// <summary>Where records of a type live.</summary>
internal enum RecordPlace
{
    /// <summary>Inside the task.</summary>
    Wire,

    /// <summary>On a topic.</summary>
    Topic,

    /// <summary>On a compacted topic.</summary>
    Table,
}

/// <summary>A record type as a detector sees it: what wiring needs to know of it.</summary>
/// <param name="TypeName">The type with the <c>global::</c> prefix.</param>
/// <param name="FullName">The type without it.</param>
/// <param name="ShortName">The type's own name.</param>
/// <param name="Place">Topic, table or wire.</param>
/// <param name="Topic">The topic's name; empty for a wire.</param>
/// <param name="IsText">The value is plain text, which holds one member only.</param>
/// <param name="HasEventTime">A member says when the event happened.</param>
/// <param name="Key">The [Key] members in order.</param>
internal sealed record RecordReference(
    string TypeName,
    string FullName,
    string ShortName,
    RecordPlace Place,
    string Topic,
    bool IsText,
    bool HasEventTime,
    EquatableArray<KeyMember> Key);

/// <summary>A member that is a key or a part of one.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="TypeName">Its type with <c>global::</c> prefixes, without a reference's question mark.</param>
/// <param name="DisplayName">Its type in C# words.</param>
/// <param name="Shape">How it is written.</param>
internal sealed record KeyMember(string Name, string TypeName, string DisplayName, Shape Shape);
