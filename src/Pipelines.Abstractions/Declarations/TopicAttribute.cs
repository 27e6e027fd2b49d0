namespace Pipelines;

/// <summary>Records of this type cross the broker on a topic: a partitioned log of records.</summary>
/// <param name="name">The topic's name on the broker.</param>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class TopicAttribute(string name) : Attribute
{
    /// <summary>The topic's name on the broker.</summary>
    public string Name { get; } = name;

    /// <summary>How the value is written; MessagePack unless said otherwise.</summary>
    public Format Format { get; set; }
}

/// <summary>Records of this type are rows of a table: a compacted topic where a record replaces the earlier one of its key.</summary>
/// <param name="name">The topic's name on the broker.</param>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class TableAttribute(string name) : Attribute
{
    /// <summary>The topic's name on the broker.</summary>
    public string Name { get; } = name;

    /// <summary>How the value is written; MessagePack unless said otherwise.</summary>
    public Format Format { get; set; }
}
