using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipelines;

/// <summary>Writes the JSON object of a record; generated codecs call it.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class JsonRecordWriter
{
    [ThreadStatic]
    private static Utf8JsonWriter? cached;

    /// <summary>A writer at the end of <paramref name="target"/>; the same one for each record of a thread.</summary>
    public static Utf8JsonWriter Begin(EncodeBuffer target)
    {
        // Alerts are read by people and by tools that are not browsers: only what JSON itself demands is escaped.
        Utf8JsonWriter writer = cached ??= new Utf8JsonWriter(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        writer.Reset(target);
        return writer;
    }

    /// <summary>Hands everything written to the buffer.</summary>
    public static void End(Utf8JsonWriter json) => json.Flush();

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, bool value) => json.WriteBooleanValue(value);

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, int value) => json.WriteNumberValue(value);

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, uint value) => json.WriteNumberValue(value);

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, long value) => json.WriteNumberValue(value);

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, ulong value) => json.WriteNumberValue(value);

    /// <summary>Writes a value; JSON has no word for infinity and what is not a number, so those are refused.</summary>
    /// <exception cref="ArgumentException">The value is infinite or not a number.</exception>
    public static void Write(Utf8JsonWriter json, double value)
    {
        if (!double.IsFinite(value)) ThrowNotFinite(value);
        json.WriteNumberValue(value);
    }

    /// <summary>Writes a value; JSON has no word for infinity and what is not a number, so those are refused.</summary>
    /// <exception cref="ArgumentException">The value is infinite or not a number.</exception>
    public static void Write(Utf8JsonWriter json, float value)
    {
        if (!float.IsFinite(value)) ThrowNotFinite(value);
        json.WriteNumberValue(value);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, decimal value) => json.WriteNumberValue(value);

    /// <summary>Writes a value as a text of one character.</summary>
    public static void Write(Utf8JsonWriter json, char value) => json.WriteStringValue(new ReadOnlySpan<char>(in value));

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, Guid value) => json.WriteStringValue(value);

    /// <summary>Writes a value in ISO 8601: fractions without trailing zeros, <c>Z</c> for UTC, else the offset.</summary>
    public static void Write(Utf8JsonWriter json, DateTimeOffset value)
    {
        Span<char> text = stackalloc char[40];
        value.TryFormat(text, out int written, value.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
        json.WriteStringValue(text[..written]);
    }

    /// <summary>Writes a value: year, month and day with hyphens.</summary>
    public static void Write(Utf8JsonWriter json, DateOnly value)
    {
        Span<char> text = stackalloc char[10];
        value.TryFormat(text, out int written, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        json.WriteStringValue(text[..written]);
    }

    /// <summary>Writes a value in .NET's constant form.</summary>
    public static void Write(Utf8JsonWriter json, TimeSpan value)
    {
        Span<char> text = stackalloc char[30];
        value.TryFormat(text, out int written, "c", CultureInfo.InvariantCulture);
        json.WriteStringValue(text[..written]);
    }

    /// <summary>Writes a value; null as an empty text.</summary>
    public static void Write(Utf8JsonWriter json, string value) => json.WriteStringValue(value ?? "");

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, Text value) => json.WriteStringValue(value.Utf8);

    /// <summary>Writes a value as base64; null as no bytes.</summary>
    public static void Write(Utf8JsonWriter json, byte[] value) => json.WriteBase64StringValue(value);

    /// <summary>Writes a value as its name, or its number when it has none.</summary>
    public static void WriteEnum<T>(Utf8JsonWriter json, T value)
        where T : struct, Enum => json.WriteStringValue(Enum.GetName(value) ?? value.ToString("D"));

    [DoesNotReturn]
    private static void ThrowNotFinite(double value) => throw new ArgumentException(string.Create(
        CultureInfo.InvariantCulture, $"The number {value} cannot be written as JSON, which has no word for it. Send a finite number, make the member nullable, or use Format.MessagePack."));
}
