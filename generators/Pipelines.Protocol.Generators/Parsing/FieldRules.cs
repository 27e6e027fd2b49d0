using System.Globalization;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>What a schema may not say, because the code made from it would not compile or not be the protocol.</summary>
internal static class FieldRules
{
    /// <summary>Checks a field against those before it in its structure.</summary>
    public static void Check(SchemaLine line, FieldModel field, List<FieldModel> before, int flexibleFrom)
    {
        if (before.Exists(other => other.Name == field.Name)) throw new SchemaException(line.Number, $"the structure has a field '{field.Name}' already");
        if (field.Tag >= 0 && before.Exists(other => other.Tag == field.Tag)) throw new SchemaException(line.Number, $"the structure has a field with tag {VersionNumber(field.Tag)} already");
        if (field.Tag >= 0 && field.Versions.First < flexibleFrom) throw new SchemaException(line.Number, $"'{field.Name}' is tagged in versions that are not flexible");
        if (field.Default is { } value && !IsDefault(field, value)) throw new SchemaException(line.Number, $"'{value}' is no default of '{field.Name}'");
        bool canBeNull = field.IsArray || field.IsStruct || field.Type is "string" or "bytes" or "records";
        if (!field.Nullable.IsEmpty && !canBeNull) throw new SchemaException(line.Number, $"a field of type {field.Type} cannot be null");
    }

    /// <summary>Checks what is known only when all structures have been read.</summary>
    public static void CheckPart(List<SchemaLine> lines, List<StructModel> structs)
    {
        foreach (SchemaLine line in lines)
        {
            if (line.Words[0] == "struct") continue;
            string type = line.Words[1].TrimStart('[', ']').Split('?')[0];
            if (!FieldParser.Primitives.Contains(type) && structs.FindAll(one => one.Name == type) is { Count: not 1 } found)
                throw new SchemaException(line.Number, $"'{type}' is neither a primitive type nor a structure that is declared once, but {VersionNumber(found.Count)} times");
        }
    }

    private static bool IsDefault(FieldModel field, string value) => value == "null"
        ? !field.Nullable.IsEmpty
        : !field.IsArray && field.Type switch
        {
            "bool" => value is "true" or "false",
            "int8" or "int16" or "uint16" or "int32" or "uint32" or "int64" => IsInteger(value),
            "float64" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            _ => false,
        };

    private static bool IsInteger(string value) => value.StartsWith("0x", StringComparison.Ordinal)
        ? long.TryParse(value.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)
        : long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static string VersionNumber(int number) => number.ToString(CultureInfo.InvariantCulture);
}
