using System.Globalization;
using System.Text.Json;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Tests.Messages;

/// <summary>Our schemas against the JSON schemas inside Kafka's jar, field by field.</summary>
public sealed class SchemaComparisonTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    [Fact]
    public void Every_field_is_as_Kafka_declares_it()
    {
        Kafka.Require();
        Dictionary<string, string> theirs = Kafka.Schemas();
        var differences = new List<string>();
        int compared = 0;
        foreach (MessagePart part in Schema.Parts)
        {
            using JsonDocument schema = JsonDocument.Parse(theirs[part.Name], Lenient);
            JsonElement root = schema.RootElement;
            VersionRange valid = Range(root.GetProperty("validVersions").GetString(), new VersionRange(0, short.MaxValue));
            Compare(differences, part.Name, "versions", valid, part.Model.Versions);
            if (part.Message.Key >= 0) Compare(differences, part.Name, "key", root.GetProperty("apiKey").GetInt32(), part.Message.Key);
            VersionRange flexible = Range(root.GetProperty("flexibleVersions").GetString(), valid);
            Compare(differences, part.Name, "flexible", flexible.IsEmpty ? "none" : $"{flexible.First}+", part.Message.FlexibleFrom > part.Model.Versions.Last ? "none" : $"{part.Message.FlexibleFrom}+");
            var shared = root.TryGetProperty("commonStructs", out JsonElement structs)
                ? structs.EnumerateArray().ToDictionary(static one => one.GetProperty("name").GetString()!, static one => one)
                : [];
            compared += Fields(differences, part, part.Name, root.GetProperty("fields"), part.Model, valid, shared);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(compared > 500, $"Only {compared} fields were compared.");
    }

    private static int Fields(List<string> differences, MessagePart part, string path, JsonElement fields, StructModel ours, VersionRange parent, Dictionary<string, JsonElement> shared)
    {
        List<JsonElement> theirs = [.. fields.EnumerateArray().Where(field => !Range(Text(field, "versions"), parent).IsEmpty)];
        Compare(differences, path, "fields", string.Join(' ', theirs.Select(static field => Text(field, "name"))), string.Join(' ', ours.Fields.Select(static field => field.Name)));
        int compared = 0;
        foreach ((JsonElement their, FieldModel our) in theirs.Zip(ours.Fields))
        {
            compared++;
            string at = $"{path}.{our.Name}";
            VersionRange versions = Range(Text(their, "versions"), parent);
            string type = Text(their, "type")!;
            string element = type.StartsWith("[]", StringComparison.Ordinal) ? type[2..] : type;
            bool isStruct = char.IsUpper(element[0]);
            Compare(differences, at, "type", isStruct ? type.Replace(element, "struct", StringComparison.Ordinal) : type, (our.IsArray ? "[]" : "") + (our.IsStruct ? "struct" : our.Type));
            Compare(differences, at, "versions", versions, our.Versions.Intersect(parent));
            Compare(differences, at, "nullable", Shown(Range(Text(their, "nullableVersions"), versions)), Shown(our.Nullable.Intersect(versions)));
            Compare(differences, at, "tag", Text(their, "tag") ?? "-1", our.Tag.ToString(CultureInfo.InvariantCulture));
            if (our.Tag >= 0) Compare(differences, at, "tagged versions", Range(Text(their, "taggedVersions"), versions), versions);
            Compare(differences, at, "default", Default(Text(their, "default"), element), Default(our.Default, our.Type));
            Compare(differences, at, "ignorable", Text(their, "ignorable") ?? "false", our.IsIgnorable ? "true" : "false");
            Compare(differences, at, "key", Text(their, "mapKey") ?? "false", our.IsKey ? "true" : "false");
            if (!isStruct || !our.IsStruct) continue;
            JsonElement nested = their.TryGetProperty("fields", out JsonElement own) ? own : shared[element].GetProperty("fields");
            compared += Fields(differences, part, at, nested, part.Nested(our.Type), versions, shared);
        }

        return compared;
    }

    private static void Compare<T>(List<string> differences, string at, string what, T theirs, T ours)
    {
        if (!EqualityComparer<T>.Default.Equals(theirs, ours)) differences.Add($"{at}: {what} is {theirs} in Kafka, {ours} here");
    }

    private static string? Text(JsonElement field, string name) =>
        !field.TryGetProperty(name, out JsonElement value) ? null : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : value.ToString();

    private static string Shown(VersionRange range) => range.IsEmpty ? "none" : range.ToString();

    private static string Default(string? text, string type) => type switch
    {
        _ when text is null or "" => type switch { "bool" => "false", "string" or "bytes" or "uuid" => "", "records" => "null", _ when char.IsUpper(type[0]) => "", _ => "0" },
        _ when text.StartsWith("0x", StringComparison.Ordinal) => long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
        _ => text,
    };

    private static VersionRange Range(string? text, VersionRange within)
    {
        if (text is null or "none") return VersionRange.None;
        string[] ends = text.TrimEnd('+').Split('-');
        int first = int.Parse(ends[0], CultureInfo.InvariantCulture);
        int last = text.EndsWith('+') ? within.Last : int.Parse(ends[^1], CultureInfo.InvariantCulture);
        return new VersionRange(first, last).Intersect(within);
    }
}
