using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Emit;

/// <summary>What a type of the schema is in C#, and how it is read and written.</summary>
internal static class FieldTypes
{
    /// <summary>The type of one element.</summary>
    public static string Element(FieldModel field) => field.Type switch
    {
        "bool" => "bool",
        "int8" => "sbyte",
        "int16" => "short",
        "uint16" => "ushort",
        "int32" => "int",
        "uint32" => "uint",
        "int64" => "long",
        "float64" => "double",
        "string" => "string",
        "uuid" => "global::System.Guid",
        "bytes" or "records" => "global::System.ReadOnlyMemory<byte>",
        _ => field.Type,
    };

    /// <summary>The type of the property.</summary>
    public static string Property(FieldModel field) =>
        (field.IsArray ? $"global::System.Collections.Generic.List<{Element(field)}>" : Element(field)) + (field.Nullable.IsEmpty ? "" : "?");

    /// <summary>The name of the reader's and the writer's method for one element.</summary>
    public static string Method(FieldModel field) => field.Type switch
    {
        "bool" => "Boolean",
        "int8" => "Int8",
        "int16" => "Int16",
        "uint16" => "UInt16",
        "int32" => "Int32",
        "uint32" => "UInt32",
        "int64" => "Int64",
        "float64" => "Float64",
        "string" => "String",
        "uuid" => "Uuid",
        _ => "Bytes",
    };

    /// <summary>The fewest bytes that one element takes in any version: it bounds how many a frame can hold.</summary>
    public static int LeastBytes(FieldModel field, IReadOnlyDictionary<string, StructModel> structs) => field.Type switch
    {
        "bool" or "int8" or "string" or "bytes" or "records" => 1,
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        _ => Math.Max(1, LeastBytes(structs[field.Type], structs)),
    };

    /// <summary>The value that a field has when it is not sent.</summary>
    public static string Default(FieldModel field)
    {
        if (field.Default == "null" || (field.Type == "records" && !field.Nullable.IsEmpty && field.Default is null)) return "null";
        if (field.IsArray) return "[]";
        if (field.IsStruct) return "new()";
        return (field.Type, field.Default) switch
        {
            ("bool", { } value) => value,
            ("bool", null) => "false",
            ("string", _) => "\"\"",
            ("uuid", _) => "default",
            ("bytes" or "records", _) => "global::System.ReadOnlyMemory<byte>.Empty",
            (_, { } number) => number,
            _ => "0",
        };
    }

    /// <summary>An expression that is true when the property has its default.</summary>
    public static string IsDefault(FieldModel field)
    {
        string value = field.Default == "null" || Default(field) == "null" ? "null" : "";
        if (value == "null") return $"{field.Name} is null";
        if (field.IsArray) return field.Nullable.IsEmpty ? $"{field.Name}.Count == 0" : $"{field.Name} is {{ Count: 0 }}";
        if (field.IsStruct) return field.Nullable.IsEmpty ? $"{field.Name}.IsDefault" : $"{field.Name} is {{ IsDefault: true }}";
        return field.Type switch
        {
            "bytes" or "records" => field.Nullable.IsEmpty ? $"{field.Name}.IsEmpty" : $"{field.Name} is {{ IsEmpty: true }}",
            "string" => field.Nullable.IsEmpty ? $"{field.Name}.Length == 0" : $"{field.Name} is {{ Length: 0 }}",
            "bool" => Default(field) == "true" ? field.Name : $"!{field.Name}",
            _ => $"{field.Name} == {Default(field)}",
        };
    }

    private static int LeastBytes(StructModel model, IReadOnlyDictionary<string, StructModel> structs)
    {
        int least = int.MaxValue;
        for (int version = model.Versions.First; version <= model.Versions.Last; version++)
        {
            int sum = 0;
            foreach (FieldModel field in model.Fields)
            {
                bool isSent = field.Tag < 0 && field.Versions.First <= version && version <= field.Versions.Last;
                if (isSent) sum += field.IsArray ? 1 : LeastBytes(field, structs);
            }

            least = Math.Min(least, sum);
        }

        return least;
    }
}
