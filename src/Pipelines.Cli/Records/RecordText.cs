using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Pipelines.Cli.Output;

namespace Pipelines.Cli.Records;

/// <summary>How a record is printed: JSON, or a format with names in braces.</summary>
internal sealed class RecordText
{
    /// <summary>What is printed when nothing else is said.</summary>
    internal const string Usual = @"{key}\t{value}\n";

    private readonly List<(string? Name, string Text)> parts = [];

    /// <summary>Reads a format.</summary>
    /// <exception cref="UsageException">It names what a record does not have.</exception>
    internal RecordText(string format)
    {
        string left = format.Replace(@"\t", "\t", StringComparison.Ordinal).Replace(@"\n", "\n", StringComparison.Ordinal).Replace(@"\0", "\0", StringComparison.Ordinal);
        while (left.Length > 0)
        {
            int open = left.IndexOf('{', StringComparison.Ordinal);
            int close = open < 0 ? -1 : left.IndexOf('}', open);
            if (close < 0)
            {
                parts.Add((null, left));
                return;
            }

            if (open > 0) parts.Add((null, left[..open]));
            string name = left[(open + 1)..close];
            if (name is not ("topic" or "partition" or "offset" or "timestamp" or "time" or "key" or "value" or "headers" or "size"))
                throw new UsageException($"A record has no '{name}'. Use topic, partition, offset, timestamp, time, key, value, headers or size in braces.");
            parts.Add((name, ""));
            left = left[(close + 1)..];
        }
    }

    /// <summary>A record as an object.</summary>
    internal static string Json(ConsumedRecord record) => JsonLine.Of(json =>
    {
        json.WriteString("topic", record.Partition.Topic);
        json.WriteNumber("partition", record.Partition.Partition);
        json.WriteNumber("offset", record.Offset);
        json.WriteNumber("timestamp", record.TimestampMs);
        Write(json, "key", record.Key);
        Write(json, "value", record.Value);
        if (record.Headers.Count == 0) return;
        json.WriteStartArray("headers");
        foreach ((string name, ReadOnlyMemory<byte>? value) in record.Headers)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            Write(json, "value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>A record in the format.</summary>
    internal void Write(ConsumedRecord record, TextWriter output)
    {
        foreach ((string? name, string text) in parts) output.Write(name is null ? text : Value(record, name));
    }

    private static string Value(ConsumedRecord record, string name) => name switch
    {
        "topic" => record.Partition.Topic,
        "partition" => record.Partition.Partition.ToString(CultureInfo.InvariantCulture),
        "offset" => record.Offset.ToString(CultureInfo.InvariantCulture),
        "timestamp" => record.TimestampMs.ToString(CultureInfo.InvariantCulture),
        "time" => DateTimeOffset.FromUnixTimeMilliseconds(record.TimestampMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        "key" => Text(record.Key),
        "value" => Text(record.Value),
        "size" => (record.Value?.Length ?? -1).ToString(CultureInfo.InvariantCulture),
        _ => string.Join(',', record.Headers.Select(static header => $"{header.Name}={Text(header.Value)}")),
    };

    private static string Text(ReadOnlyMemory<byte>? bytes) =>
        bytes is not { } some ? "" : Utf8.IsValid(some.Span) ? Encoding.UTF8.GetString(some.Span) : Convert.ToBase64String(some.Span);

    /// <summary>Text where the bytes are UTF-8, else base64 under another name, so that nobody takes one for the other.</summary>
    private static void Write(Utf8JsonWriter json, string name, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } some) json.WriteNull(name);
        else if (Utf8.IsValid(some.Span)) json.WriteString(name, some.Span);
        else json.WriteBase64String(name + "Base64", some.Span);
    }
}
