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
/// <param name="Format">MessagePack, Json or Text.</param>
/// <param name="Fingerprint">Changes when what is written changes.</param>
/// <param name="Members">All members in order.</param>
internal sealed record RecordReference(
    string TypeName,
    string FullName,
    string ShortName,
    RecordPlace Place,
    string Topic,
    string Format,
    string Fingerprint,
    EquatableArray<CodedMember> Members)
{
    /// <summary>The [Key] members in order.</summary>
    public EquatableArray<KeyMember> Key { get; } = Members.Where(static member => member.IsKey).Select(static member => new KeyMember(member.Name, member.Shape)).ToEquatableArray();

    /// <summary>The value is plain text, which holds one member only.</summary>
    public bool IsText => Format == "Text";

    /// <summary>A member says when the event happened.</summary>
    public bool HasEventTime { get; } = Members.Any(static member => member.IsEventTime);
}

/// <summary>A member that is a key or a part of one.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Shape">How it is written.</param>
internal sealed record KeyMember(string Name, Shape Shape)
{
    /// <summary>Its type with <c>global::</c> prefixes, without the question mark of a reference, which changes nothing in the key's bytes.</summary>
    public string TypeName { get; } = Plain(Shape.TypeName, Shape);

    /// <summary>Its type in C# words.</summary>
    public string DisplayName { get; } = Plain(Shape.DisplayName, Shape);

    private static string Plain(string name, Shape shape) => shape.IsReference ? name.TrimEnd('?') : name;
}
