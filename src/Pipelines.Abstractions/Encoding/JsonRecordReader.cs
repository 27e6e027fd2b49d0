using System.Buffers.Text;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pipelines;

/// <summary>Reads the JSON object of a record; generated codecs call it.</summary>
/// <remarks>Every failure is a <see cref="RecordFormatException"/> that names record, member and byte. Texts borrow the buffer when nothing in them is escaped.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public ref struct JsonRecordReader
{
    private const int MaxShortText = 40;
    private const int MaxName = 256;
    private readonly byte[] buffer;
    private readonly int start;
    private readonly RecordSchema schema;
    private Utf8JsonReader json;

    /// <summary>A reader of a part of <paramref name="buffer"/>.</summary>
    public JsonRecordReader(byte[] buffer, int start, int length, RecordSchema schema)
    {
        this.buffer = buffer;
        this.start = start;
        this.schema = schema;
        json = new Utf8JsonReader(length <= 0 ? default : buffer.AsSpan(start, length));
    }

    /// <summary>The index of the member being read, for messages.</summary>
    public int Member;

    /// <summary>Reads the start of the record.</summary>
    public void Begin()
    {
        Next("an object");
        BeginObject();
    }

    /// <summary>The value that is next must be an object.</summary>
    public readonly void BeginObject()
    {
        if (json.TokenType != JsonTokenType.StartObject) ThrowFound("an object");
    }

    /// <summary>Goes to the next property's value; its name is asked with <see cref="Is"/> before <see cref="Value"/>.</summary>
    /// <returns><see langword="false"/> at the end of the object.</returns>
    public bool NextProperty()
    {
        Next("a property");
        return json.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>True when the property has that name.</summary>
    public readonly bool Is(ReadOnlySpan<byte> name) => json.ValueTextEquals(name);

    /// <summary>Goes from the property's name to its value.</summary>
    public void Value() => Next("a value");

    /// <summary>Leaves the property out.</summary>
    public void Skip()
    {
        try
        {
            json.Skip();
        }
        catch (JsonException malformed)
        {
            Throw(malformed.Message, "JSON");
        }
    }

    /// <summary>The value that is next must be an array.</summary>
    public readonly void BeginArray()
    {
        if (json.TokenType != JsonTokenType.StartArray) ThrowFound("an array");
    }

    /// <summary>Goes to the array's next element.</summary>
    /// <returns><see langword="false"/> at the end of the array.</returns>
    public bool NextElement()
    {
        Next("an element");
        return json.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Nothing may follow the record.</summary>
    public void End()
    {
        try
        {
            if (json.Read()) ThrowFound("the end of the record");
        }
        catch (JsonException malformed)
        {
            Throw(malformed.Message, "the end of the record");
        }
    }

    /// <summary>True when the value is null.</summary>
    public readonly bool TryReadNil() => json.TokenType == JsonTokenType.Null;

    /// <summary>Reads a value.</summary>
    public readonly void Read(out bool value)
    {
        if (json.TokenType is not (JsonTokenType.True or JsonTokenType.False)) ThrowFound("true or false");
        value = json.TokenType == JsonTokenType.True;
    }

    /// <summary>Reads a value.</summary>
    public readonly void Read(out byte value) => value = (byte)ReadInteger(0, byte.MaxValue);

    /// <summary>Reads a value.</summary>
    public readonly void Read(out sbyte value) => value = (sbyte)ReadInteger(sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Reads a value.</summary>
    public readonly void Read(out short value) => value = (short)ReadInteger(short.MinValue, short.MaxValue);

    /// <summary>Reads a value.</summary>
    public readonly void Read(out ushort value) => value = (ushort)ReadInteger(0, ushort.MaxValue);

    /// <summary>Reads a value.</summary>
    public readonly void Read(out int value) => value = (int)ReadInteger(int.MinValue, int.MaxValue);

    /// <summary>Reads a value.</summary>
    public readonly void Read(out uint value) => value = (uint)ReadInteger(0, uint.MaxValue);

    /// <summary>Reads a value.</summary>
    public readonly void Read(out long value) => value = ReadInteger(long.MinValue, long.MaxValue);

    /// <summary>Reads a value.</summary>
    public readonly void Read(out ulong value)
    {
        value = 0;
        if (json.TokenType != JsonTokenType.Number || !json.TryGetUInt64(out value)) ThrowFound("a whole number from 0");
    }

    /// <summary>Reads a value.</summary>
    public readonly void Read(out double value)
    {
        value = 0;
        if (json.TokenType != JsonTokenType.Number || !json.TryGetDouble(out value)) ThrowFound("a number");
    }

    /// <summary>Reads a value.</summary>
    public readonly void Read(out float value)
    {
        value = 0;
        if (json.TokenType != JsonTokenType.Number || !json.TryGetSingle(out value)) ThrowFound("a number");
    }

    /// <summary>Reads a value.</summary>
    public readonly void Read(out decimal value)
    {
        value = 0;
        if (json.TokenType != JsonTokenType.Number || !json.TryGetDecimal(out value)) ThrowFound("a number");
    }

    /// <summary>Reads a value: a text of one character.</summary>
    public readonly void Read(out char value)
    {
        ReadOnlySpan<char> text = Characters(stackalloc char[MaxShortText]);
        if (text.Length != 1) ThrowFound("a text of one character");
        value = text[0];
    }

    /// <summary>Reads a value.</summary>
    public readonly void Read(out Guid value)
    {
        value = default;
        if (json.TokenType != JsonTokenType.String || !json.TryGetGuid(out value)) ThrowFound("a GUID as text");
    }

    /// <summary>Reads a value: ISO 8601 with its offset.</summary>
    public readonly void Read(out DateTimeOffset value)
    {
        value = default;
        if (json.TokenType != JsonTokenType.String || !json.TryGetDateTimeOffset(out value)) ThrowFound("a time such as 2025-12-10T09:11:00Z");
    }

    /// <summary>Reads a value: year, month and day with hyphens.</summary>
    public readonly void Read(out DateOnly value)
    {
        ReadOnlySpan<char> text = Characters(stackalloc char[MaxShortText]);
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value)) ThrowFound("a date such as 2025-12-10");
    }

    /// <summary>Reads a value in .NET's constant form.</summary>
    public readonly void Read(out TimeSpan value)
    {
        value = default;
        ReadOnlySpan<byte> text = json.ValueSpan;
        if (json.TokenType != JsonTokenType.String || !Utf8Parser.TryParse(text, out value, out int read, 'c') || read != text.Length) ThrowFound("a time span such as 00:01:00");
    }

    /// <summary>Reads a value.</summary>
    public readonly void Read(out string value)
    {
        if (json.TokenType != JsonTokenType.String) ThrowFound("text");
        try
        {
            value = json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            Throw("text that is not UTF-8", "text");
            value = "";
        }
    }

    /// <summary>Reads a value that borrows the buffer unless something in it is escaped.</summary>
    public readonly void Read(out Text value)
    {
        if (json.TokenType != JsonTokenType.String) ThrowFound("text");
        if (json.ValueIsEscaped)
        {
            Read(out string text);
            value = new Text(text);
            return;
        }

        // The token begins with its quotation mark.
        value = new Text(buffer, start + (int)json.TokenStartIndex + 1, json.ValueSpan.Length);
    }

    /// <summary>Reads a value: base64.</summary>
    public readonly void Read(out byte[] value)
    {
        value = [];
        if (json.TokenType != JsonTokenType.String || !json.TryGetBytesFromBase64(out byte[]? read)) ThrowFound("bytes as base64");
        else value = read;
    }

    /// <summary>Reads a value: its name, or its number.</summary>
    public readonly void ReadEnum<T>(out T value)
        where T : struct, Enum
    {
        value = default;
        Span<char> room = stackalloc char[MaxName];
        scoped ReadOnlySpan<char> text;
        if (json.TokenType == JsonTokenType.Number && json.ValueSpan.Length <= MaxName) text = room[..Encoding.UTF8.GetChars(json.ValueSpan, room)];
        else text = Characters(room);
        if (text.Length == 0 || !Enum.TryParse(text, ignoreCase: false, out value)) ThrowFound($"a name of {typeof(T).Name}");
    }

    /// <summary>A text that is short if it is right, without making a string of it; empty when it is none.</summary>
    private readonly ReadOnlySpan<char> Characters(Span<char> room)
    {
        // An escape takes up to six bytes for a character.
        if (json.TokenType != JsonTokenType.String || json.ValueSpan.Length > room.Length * 6) return default;
        try
        {
            return room[..json.CopyString(room)];
        }
        catch (Exception unfit) when (unfit is InvalidOperationException or ArgumentException)
        {
            return default;
        }
    }

    private readonly long ReadInteger(long least, long most)
    {
        if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long value) || value < least || value > most)
        {
            ThrowFound($"a whole number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}");
            return 0;
        }

        return value;
    }

    private void Next(string expected)
    {
        try
        {
            if (!json.Read()) Throw("the end of the bytes", expected);
        }
        catch (JsonException malformed)
        {
            Throw(malformed.Message, expected);
        }
    }

    [DoesNotReturn]
    private readonly void ThrowFound(string expected) => Throw($"'{Shown()}'", expected);

    [DoesNotReturn]
    private readonly void Throw(string found, string expected)
    {
        string member = Member < schema.Members.Count ? $", member '{schema.Members[Member].Name}'" : "";
        throw new RecordFormatException($"Record '{schema.Name}'{member}, byte {json.BytesConsumed}: found {found} where {expected} was expected.");
    }

    private readonly string Shown()
    {
        ReadOnlySpan<byte> token = json.ValueSpan;
        return Encoding.UTF8.GetString(token[..Math.Min(token.Length, 40)]);
    }
}
