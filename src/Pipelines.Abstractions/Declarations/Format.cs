namespace Pipelines;

/// <summary>How the value of a record is written.</summary>
public enum Format
{
    /// <summary>A MessagePack array of the members in declaration order (the default).</summary>
    MessagePack = 0,

    /// <summary>A JSON object, one camel-cased property per member; nullable members that are null are left out.</summary>
    Json = 1,

    /// <summary>UTF-8 text: the one member that is not a key is the whole value; a key member is the record's key.</summary>
    Text = 2,
}
