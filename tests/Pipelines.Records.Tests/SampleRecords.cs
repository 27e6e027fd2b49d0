using System.Collections.Immutable;

namespace Pipelines.Records.Tests;

public enum Colour : byte
{
    Red = 0,
    Green = 200,
}

public readonly partial record struct Point(int X, int Y);

[Topic("everything")]
public readonly partial record struct Everything(
    [Key] string Id,
    bool Bool,
    byte Byte,
    sbyte SByte,
    short Short,
    ushort UShort,
    int Int,
    uint UInt,
    long Long,
    ulong ULong,
    float Float,
    double Double,
    decimal Decimal,
    char Char,
    Guid Guid,
    [EventTime] DateTimeOffset At,
    DateOnly Day,
    TimeSpan Span,
    Colour Colour,
    Text Text,
    byte[] Bytes,
    int[] Ints,
    List<string> Names,
    IReadOnlyList<Point> Points,
    ImmutableArray<long> Longs,
    Point Point,
    int? MaybeInt,
    string? MaybeText,
    Point? MaybePoint,
    Colour? MaybeColour,
    DateTimeOffset? MaybeAt);

[Topic("everything-json", Format = Format.Json)]
public readonly partial record struct EverythingJson(
    [Key] string Id,
    bool Bool,
    byte Byte,
    sbyte SByte,
    short Short,
    ushort UShort,
    int Int,
    uint UInt,
    long Long,
    ulong ULong,
    float Float,
    double Double,
    decimal Decimal,
    char Char,
    Guid Guid,
    [EventTime] DateTimeOffset At,
    DateOnly Day,
    TimeSpan Span,
    Colour Colour,
    Text Text,
    byte[] Bytes,
    int[] Ints,
    List<string> Names,
    IReadOnlyList<Point> Points,
    ImmutableArray<long> Longs,
    Point Point,
    int? MaybeInt,
    string? MaybeText,
    Point? MaybePoint,
    Colour? MaybeColour,
    DateTimeOffset? MaybeAt);

[Topic("small")]
public readonly partial record struct Small([Key] long Id, int Value, [EventTime] long AtMs);

[Topic("small-grown")]
public readonly partial record struct SmallGrown([Key] long Id, int Value, [EventTime] long AtMs, string Note, double? Weight);

[Topic("two-keys")]
public readonly partial record struct TwoKeys([Key] string Name, [Key] int Number, long Count);

[Table("texts", Format = Format.Text)]
public readonly partial record struct TextRow([Key] string? Host, Text Line);

[Topic("uuid-keyed")]
public readonly partial record struct UuidKeyed([Key] Guid Id, string Value);

[Topic("delayed")]
public readonly partial record struct Delayed([Key] long Id, long DelayMs) : ITimedRecord<Delayed>
{
    public static long ReadEventTime(in Delayed record, long timestampMs) => timestampMs + record.DelayMs;
}
