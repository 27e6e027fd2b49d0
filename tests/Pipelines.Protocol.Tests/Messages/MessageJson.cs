using System.Collections;
using System.Text.Json.Nodes;
using Pipelines.Protocol.Generators.Emit;
using Pipelines.Protocol.Generators.Model;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Messages;

/// <summary>A message as JSON, in the form that Kafka's own converters have: fields of the version, tagged ones only when they are set.</summary>
internal static class MessageJson
{
    public static JsonNode Of(MessagePart part, IMessage message, short version) => Struct(part, message, part.Model, version);

    private static JsonObject Struct(MessagePart part, object value, StructModel model, short version)
    {
        var json = new JsonObject();
        foreach (FieldModel field in model.Fields)
        {
            if (!RandomMessage.Has(field.Versions, version)) continue;
            object? held = RandomMessage.Property(value, field).GetValue(value);
            if (field.Tag >= 0 && IsDefault(field, held)) continue;
            bool isRecords = field.Type == "records" && held is not null;
            json[Camel(field.Name) + (isRecords ? "SizeInBytes" : "")] = held switch
            {
                null => null,
                IList list => new JsonArray([.. list.Cast<object>().Select(item => Element(part, field, item, version))]),
                _ => Element(part, field, held, version),
            };
        }

        return json;
    }

    private static JsonNode? Element(MessagePart part, FieldModel field, object value, short version) => value switch
    {
        bool held => held,
        sbyte held => held,
        short held => held,
        ushort held => held,
        int held => held,
        uint held => held,
        long held => held,
        double held => held,
        string held => held,
        Guid held => Convert.ToBase64String(held.ToByteArray(bigEndian: true)).TrimEnd('=').Replace('+', '-').Replace('/', '_'),
        ReadOnlyMemory<byte> held => field.Type == "records" ? held.Length : Convert.ToBase64String(held.Span),
        _ => Struct(part, value, part.Nested(field.Type), version),
    };

    /// <summary>The generator's notion of a default, evaluated.</summary>
    private static bool IsDefault(FieldModel field, object? value) => value switch
    {
        null => FieldTypes.Default(field) == "null",
        IList list => FieldTypes.Default(field) != "null" && list.Count == 0,
        bool held => held == (field.Default == "true"),
        string held => FieldTypes.Default(field) != "null" && held.Length == 0,
        Guid held => held == Guid.Empty,
        ReadOnlyMemory<byte> held => FieldTypes.Default(field) != "null" && held.IsEmpty,
        IConvertible number => number.ToString(System.Globalization.CultureInfo.InvariantCulture) == (field.Default ?? "0"),
        _ => FieldTypes.Default(field) != "null" && (bool)value.GetType().GetProperty("IsDefault", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(value)!,
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
