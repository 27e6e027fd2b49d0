using System.Globalization;
using System.Text;

namespace Pipelines.Testing;

/// <summary>A record that a handler failed on, as the dead letters keep it.</summary>
public sealed class DeadLetter
{
    internal DeadLetter(byte[]? key, byte[]? value, IReadOnlyDictionary<string, string> headers)
    {
        Key = key;
        Value = value;
        Headers = headers;
    }

    /// <summary>The record's key as received, or null.</summary>
    public byte[]? Key { get; }

    /// <summary>The record's value as received, or null.</summary>
    public byte[]? Value { get; }

    /// <summary>All headers, as text.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The topic that the record was read from; empty for a window that closed.</summary>
    public string Topic => Find("pipelines.topic");

    /// <summary>The record's partition.</summary>
    public int Partition => int.Parse(Find("pipelines.partition"), CultureInfo.InvariantCulture);

    /// <summary>The record's offset; -1 for a window that closed.</summary>
    public long Offset => long.TryParse(Find("pipelines.offset"), NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset : -1;

    /// <summary>The detector whose handler failed.</summary>
    public string Detector => Find("pipelines.detector");

    /// <summary>The handler that failed.</summary>
    public string Handler => Find("pipelines.handler");

    /// <summary>The full name of the exception's type.</summary>
    public string ExceptionType => Find("pipelines.exception");

    /// <summary>The exception's message.</summary>
    public string Message => Find("pipelines.message");

    /// <inheritdoc/>
    public override string ToString() => $"{Topic}/{Partition}@{Offset} {Detector}.{Handler}: {Message} [{(Value is null ? "null" : Encoding.UTF8.GetString(Value))}]";

    private string Find(string name) => Headers.TryGetValue(name, out string? value) ? value : "";
}
