using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipelines.Conformance;

/// <summary>Compares what a client saw with what it should have seen, and names the parts that differ.</summary>
internal static class Facts
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Equal(string expected, JsonNode? seen)
    {
        JsonNode? wanted = JsonNode.Parse(expected);
        if (JsonNode.DeepEquals(wanted, seen)) return;
        var differences = new List<string>();
        Compare("", wanted, seen, differences);
        Assert.Fail($"{string.Join('\n', differences)}\nall that was seen: {Text(seen)}");
    }

    private static void Compare(string path, JsonNode? wanted, JsonNode? seen, List<string> differences)
    {
        if (wanted is JsonObject left && seen is JsonObject right)
        {
            foreach (string name in left.Select(p => p.Key).Union(right.Select(p => p.Key))) Compare($"{path}/{name}", left[name], right[name], differences);
        }
        else if (!JsonNode.DeepEquals(wanted, seen))
        {
            differences.Add($"{path}: expected {Text(wanted)}, seen {Text(seen)}");
        }
    }

    private static string Text(JsonNode? node) => node?.ToJsonString(Readable) ?? "null";
}
