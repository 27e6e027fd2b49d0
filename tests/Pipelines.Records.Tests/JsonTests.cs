using System.Text;
using System.Text.Json;

namespace Pipelines.Records.Tests;

/// <summary>The JSON of records: what others see, what is accepted, and what is refused.</summary>
public sealed class JsonTests
{
    [Fact]
    public void Every_type_is_written_as_people_expect()
    {
        var record = new FlatJson(
            new Text("ä\"\\\n\u0001🙂</script>"), true, 200, -100, -30000, 60000, -70000, uint.MaxValue, long.MinValue, ulong.MaxValue, 1.5f, 0.1, -12.50m, 'ß',
            Guid.Parse("0F8FAD5B-D9CB-469F-A165-70867728950E"), new DateTimeOffset(2025, 12, 10, 9, 11, 0, TimeSpan.Zero), new DateOnly(2025, 12, 10),
            new TimeSpan(1, 2, 3, 4, 500), Colour.Green, new Point(-1, 2), null, new Point(3, 4), null);
        Assert.Equal(
            """{"id":"ä\"\\\n\u0001🙂</script>","bool":true,"byte":200,"sByte":-100,"short":-30000,"uShort":60000,"int":-70000,"uInt":4294967295,"long":-9223372036854775808,"""
            + """ "uLong":18446744073709551615,"float":1.5,"double":0.1,"decimal":-12.50,"char":"ß","guid":"0f8fad5b-d9cb-469f-a165-70867728950e","at":"2025-12-10T09:11:00Z","""[1..]
            + """ "day":"2025-12-10","span":"1.02:03:04.5000000","colour":"Green","point":{"x":-1,"y":2},"maybePoint":{"x":3,"y":4}}"""[1..],
            Json(record).Replace("\\uD83D\\uDE42", "🙂", StringComparison.Ordinal));
        Assert.Equal(record, Read<FlatJson>(Json(record)));
    }

    [Theory]
    [InlineData("2025-12-10T09:11:00Z", "2025-12-10T09:11:00Z")]
    [InlineData("2025-12-10T09:11:00.5+02:00", "2025-12-10T09:11:00.5+02:00")]
    [InlineData("2025-12-10T09:11:00.1234567-05:30", "2025-12-10T09:11:00.1234567-05:30")]
    [InlineData("2025-12-10T09:11:00.120Z", "2025-12-10T09:11:00.12Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    public void Times_keep_their_offset_and_no_zeros(string read, string written) =>
        Assert.Contains($"\"at\":\"{written}\"", Json(Read<FlatJson>($$"""{"at":"{{read}}"}""")), StringComparison.Ordinal);

    [Fact]
    public void Names_are_case_sensitive_unknown_ones_are_skipped_missing_ones_default_and_the_last_of_two_wins()
    {
        FlatJson read = Read<FlatJson>("""  {"Int":1,"INT":2,"later":{"a":[1,{"b":null}],"c":"}"},"int":3,"int":4,"maybeInt":5,"maybeInt":null,"id":"\u00e4" }  """);
        Assert.Equal(4, read.Int);
        Assert.Null(read.MaybeInt);
        Assert.Equal("ä", read.Id.ToString());
        Assert.Equal(0, read.Long);
        Assert.Equal(4, Read<FlatJson>("""{"in\u0074":4}""").Int);
    }

    [Theory]
    [InlineData("", "does not contain any JSON tokens")]
    [InlineData("null", "found 'null' where an object")]
    [InlineData("[]", "found '[' where an object")]
    [InlineData("{}{}", "the end of the record")]
    [InlineData("""{"int":1.5}""", "member 'Int', byte 10: found '1.5'")]
    [InlineData("""{"int":2147483648}""", "found '2147483648'")]
    [InlineData("""{"int":"1"}""", "found '1'")]
    [InlineData("""{"int":null}""", "found 'null'")]
    [InlineData("""{"byte":-1}""", "found '-1'")]
    [InlineData("""{"uLong":-1}""", "a whole number from 0")]
    [InlineData("""{"bool":1}""", "true or false")]
    [InlineData("""{"char":"ab"}""", "a text of one character")]
    [InlineData("""{"guid":"x"}""", "a GUID as text")]
    [InlineData("""{"at":"2025-12-10"} """, null)]
    [InlineData("""{"at":"yesterday"}""", "a time such as 2025-12-10T09:11:00Z")]
    [InlineData("""{"day":"10.12.2025"}""", "a date such as 2025-12-10")]
    [InlineData("""{"span":"forever and a day, which is longer than any time span could be written"}""", "a time span such as 00:01:00")]
    [InlineData("""{"colour":"green"}""", "a name of Colour")]
    [InlineData("""{"colour":""}""", "a name of Colour")]
    [InlineData("""{"colour":"300"}""", "a name of Colour")]
    [InlineData("""{"point":[1,2]}""", "an object")]
    [InlineData("""{"int":1,}""", "byte")]
    [InlineData("""{"id":"\ud800"}""", "text that is not UTF-8")]
    public void What_does_not_fit_is_refused_by_name(string json, string? says)
    {
        if (says is null) Assert.Equal(2025, Read<FlatJson>(json).At.Year);
        else Assert.Contains(says, Assert.Throws<RecordFormatException>(() => Read<FlatJson>(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Enums_are_names_or_numbers()
    {
        Assert.Equal(Colour.Green, Read<FlatJson>("""{"colour":"Green"}""").Colour);
        Assert.Equal(Colour.Green, Read<FlatJson>("""{"colour":200}""").Colour);
        Assert.Contains("\"colour\":\"7\"", Json(new FlatJson { Colour = (Colour)7 }), StringComparison.Ordinal);
        Assert.Equal((Colour)7, Read<FlatJson>(Json(new FlatJson { Colour = (Colour)7 })).Colour);
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_written_with_replacement_characters()
    {
        // A log line may hold any bytes; the alert about it is JSON nonetheless.
        byte[] bytes = [(byte)'a', 0xFF, 0xC3, (byte)'b'];
        string json = Json(new FlatJson { Id = new Text(bytes, 0, bytes.Length) });
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal("a\uFFFD\uFFFDb", document.RootElement.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void Numbers_that_JSON_has_no_word_for_are_refused_and_leave_the_writer_whole(double number, string shown)
    {
        string message = Assert.Throws<ArgumentException>(() => Json(new FlatJson { Double = number })).Message;
        Assert.Contains($"The number {shown} cannot be written as JSON", message, StringComparison.Ordinal);
        Assert.Contains("\"double\":2", Json(new FlatJson { Double = 2 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"branches\":[", 50_000));
        Assert.Throws<RecordFormatException>(() => Read<JsonTree>(deep));
        Assert.Throws<RecordFormatException>(() => Read<FlatJson>("{\"later\":" + new string('[', 50_000)));
        Assert.Single(Read<JsonTree>("""{"branches":[{"branches":[]}]}""").Branches);
    }

    [Fact]
    public void What_it_writes_is_what_System_Text_Json_reads()
    {
        EverythingJson record = RoundTripTests.ToJson(RoundTripTests.Sample);
        using JsonDocument document = JsonDocument.Parse(RoundTripTests.Value(record));
        JsonElement root = document.RootElement;
        Assert.Equal(record.Guid, root.GetProperty("guid").GetGuid());
        Assert.Equal(record.At, root.GetProperty("at").GetDateTimeOffset());
        Assert.Equal(record.Bytes, root.GetProperty("bytes").GetBytesFromBase64());
        Assert.Equal(record.Decimal, root.GetProperty("decimal").GetDecimal());
        Assert.Equal(record.Ints, root.GetProperty("ints").EnumerateArray().Select(static number => number.GetInt32()));
        Assert.Equal(record.MaybeText, root.GetProperty("maybeText").GetString());
    }

    private static string Json<T>(in T record)
        where T : struct, IRecord<T> => Encoding.UTF8.GetString(RoundTripTests.Value(in record));

    private static T Read<T>(string json)
        where T : struct, IRecord<T> => RoundTripTests.Read<T>(null, Encoding.UTF8.GetBytes(json));
}

[Topic("json-tree", Format = Format.Json)]
public readonly partial record struct JsonTree(JsonTree[] Branches);
