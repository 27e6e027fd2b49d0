namespace Pipelines.Generators.Model;

/// <summary>What a member's type is to a codec.</summary>
internal enum ShapeKind
{
    /// <summary>The readers and writers have an overload for it.</summary>
    Plain,

    /// <summary>An enum, written as its underlying number, in JSON as its name.</summary>
    Enum,

    /// <summary>A value or reference that may be null; the element is what it is otherwise.</summary>
    Nullable,

    /// <summary>An array; the element follows.</summary>
    Array,

    /// <summary>A <c>List&lt;T&gt;</c>; the element follows.</summary>
    List,

    /// <summary>An interface that an array fulfils; the element follows.</summary>
    ReadOnlyList,

    /// <summary>An <c>ImmutableArray&lt;T&gt;</c>; the element follows.</summary>
    ImmutableArray,

    /// <summary>A struct with a codec of its own.</summary>
    Nested,

    /// <summary>Nothing that can be written.</summary>
    Unsupported,
}

/// <summary>A member's type as a codec sees it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="TypeName">The type with <c>global::</c> prefixes.</param>
/// <param name="DisplayName">The type in C# words.</param>
/// <param name="Underlying">Of an enum, the type of its numbers.</param>
/// <param name="Element">Of a nullable, an array or a list, what it holds.</param>
/// <param name="IsReference">True for a type that may be null as default.</param>
internal sealed record Shape(ShapeKind Kind, string TypeName, string DisplayName, string Underlying, Shape? Element, bool IsReference)
{
    /// <summary>The type that a plain value or an enum is written as; empty for all else.</summary>
    public string WrittenAs => Kind switch { ShapeKind.Plain => TypeName, ShapeKind.Enum => Underlying, _ => "" };
}

/// <summary>A member of a coded type.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Shape">Its type.</param>
/// <param name="IsPositional">True for a parameter of the constructor.</param>
/// <param name="IsKey">True with [Key].</param>
/// <param name="IsEventTime">True with [EventTime].</param>
internal sealed record CodedMember(string Name, Shape Shape, bool IsPositional, bool IsKey, bool IsEventTime)
{
    /// <summary>The name as C# writes it: a keyword takes an @.</summary>
    public string Identifier => Wiring.Naming.Identifier(Name);
}

/// <summary>A struct that a codec is written for: a record, a struct inside of one, or a state. Plain values; no symbol.</summary>
/// <param name="FullName">The type without <c>global::</c>, for file names and schemas.</param>
/// <param name="TypeName">The type with it.</param>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="Declarations">The headers of the partial types around it and of itself, outermost first.</param>
/// <param name="IsRecord">True when it implements <c>IRecord</c>.</param>
/// <param name="IsPart">True when it is a part of another type or of a state, in whatever format.</param>
/// <param name="Place">Topic, Table or Wire.</param>
/// <param name="Topic">The topic's name; empty for a wire.</param>
/// <param name="Format">MessagePack, Json or Text.</param>
/// <param name="Members">The members in order.</param>
/// <param name="Fingerprint">Changes when what is written changes.</param>
/// <param name="Taken">Names of the record contract that the user's own members have.</param>
/// <param name="IsTimed">True when it implements <c>ITimedRecord</c>.</param>
internal sealed record CodedType(
    string FullName,
    string TypeName,
    string Namespace,
    EquatableArray<string> Declarations,
    bool IsRecord,
    bool IsPart,
    string Place,
    string Topic,
    string Format,
    EquatableArray<CodedMember> Members,
    string Fingerprint,
    EquatableArray<string> Taken,
    bool IsTimed)
{
    /// <summary>The name of the generated file.</summary>
    public string HintName => $"{FullName.Replace("@", "").Replace('<', '_').Replace('>', '_').Replace(',', '_')}.Codec.g.cs";
}

/// <summary>A state type that stores hold: each gets a struct that writes and reads it.</summary>
/// <param name="CodecName">The struct's name, in namespace <c>Pipelines.Generated</c>.</param>
/// <param name="Shape">The state's type.</param>
internal sealed record StateType(string CodecName, Shape Shape);
