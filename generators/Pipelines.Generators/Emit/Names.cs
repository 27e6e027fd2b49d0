using Pipelines.Generators.Wiring;

namespace Pipelines.Generators.Emit;

/// <summary>Types of Pipelines.Abstractions as generated code names them.</summary>
internal static class Names
{
    public const string Execution = "global::Pipelines.Execution.";
    public const string Topology = "global::Pipelines.Topology.";
    public const string Window = "global::Pipelines.Window";
    public const string EncodeBuffer = "global::Pipelines.EncodeBuffer";
    public const string KeySpan = "global::System.ReadOnlySpan<byte>";

    /// <summary>Where a record type's codec is called, whatever the type's members are called.</summary>
    public static string Codec(Model.RecordReference record) => $"global::Pipelines.RecordCodec<{record.TypeName}>";

    /// <summary>A C# string literal.</summary>
    public static string Literal(string text)
    {
        var literal = new System.Text.StringBuilder("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\') literal.Append('\\').Append(letter);
            else if (letter is < ' ' or > '~') literal.Append("\\u").Append(((int)letter).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
            else literal.Append(letter);
        }

        return literal.Append('"').ToString();
    }

    public static string Literal(long value) => Naming.Number(value) + "L";

    public static string Literal(bool value) => value ? "true" : "false";

    /// <summary>The last part of a dotted name.</summary>
    public static string Short(string fullName) => fullName.Substring(fullName.LastIndexOf('.') + 1);
}
