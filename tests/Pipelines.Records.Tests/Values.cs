using System.Collections.Immutable;

namespace Pipelines.Records.Tests;

/// <summary>A record of one member of each type that is written as one value: its bytes are that value's.</summary>
public static partial class One
{
    [Topic("one-bool")] public readonly partial record struct Bool(bool Value);
    [Topic("one-byte")] public readonly partial record struct Byte(byte Value);
    [Topic("one-sbyte")] public readonly partial record struct SByte(sbyte Value);
    [Topic("one-short")] public readonly partial record struct Short(short Value);
    [Topic("one-ushort")] public readonly partial record struct UShort(ushort Value);
    [Topic("one-int")] public readonly partial record struct Int(int Value);
    [Topic("one-uint")] public readonly partial record struct UInt(uint Value);
    [Topic("one-long")] public readonly partial record struct Long(long Value);
    [Topic("one-ulong")] public readonly partial record struct ULong(ulong Value);
    [Topic("one-float")] public readonly partial record struct Float(float Value);
    [Topic("one-double")] public readonly partial record struct Double(double Value);
    [Topic("one-decimal")] public readonly partial record struct Decimal(decimal Value);
    [Topic("one-char")] public readonly partial record struct Char(char Value);
    [Topic("one-guid")] public readonly partial record struct Id(Guid Value);
    [Topic("one-time")] public readonly partial record struct Time(DateTimeOffset Value);
    [Topic("one-day")] public readonly partial record struct Day(DateOnly Value);
    [Topic("one-span")] public readonly partial record struct Span(TimeSpan Value);
    [Topic("one-enum")] public readonly partial record struct Enumerated(Colour Value);
    [Topic("one-string")] public readonly partial record struct Word(string Value);
    [Topic("one-text")] public readonly partial record struct Utf8(Text Value);
    [Topic("one-bytes")] public readonly partial record struct Bytes(byte[] Value);
    [Topic("one-ints")] public readonly partial record struct Ints(int[] Value);
    [Topic("one-points")] public readonly partial record struct Points(ImmutableArray<Point> Value);
    [Topic("one-maybe-int")] public readonly partial record struct MaybeInt(int? Value);
    [Topic("one-maybe-string")] public readonly partial record struct MaybeWord(string? Value);
    [Topic("one-point")] public readonly partial record struct Place(Point Value);
    [Topic("one-tree")] public readonly partial record struct Tree(Tree[] Branches);
}

/// <summary>Every type that needs no memory of its own.</summary>
[Topic("flat")]
public readonly partial record struct Flat(
    [Key] Text Id, bool Bool, byte Byte, sbyte SByte, short Short, ushort UShort, int Int, uint UInt, long Long, ulong ULong, float Float, double Double, decimal Decimal,
    char Char, Guid Guid, [EventTime] DateTimeOffset At, DateOnly Day, TimeSpan Span, Colour Colour, Point Point, int? MaybeInt, Point? MaybePoint, Guid? MaybeGuid);

/// <summary>The same in JSON.</summary>
[Topic("flat-json", Format = Format.Json)]
public readonly partial record struct FlatJson(
    [Key] Text Id, bool Bool, byte Byte, sbyte SByte, short Short, ushort UShort, int Int, uint UInt, long Long, ulong ULong, float Float, double Double, decimal Decimal,
    char Char, Guid Guid, [EventTime] DateTimeOffset At, DateOnly Day, TimeSpan Span, Colour Colour, Point Point, int? MaybeInt, Point? MaybePoint, Guid? MaybeGuid);

/// <summary>A key of several members that have more than one form.</summary>
[Topic("money")]
public readonly partial record struct Money([Key] decimal Amount, [Key] DateTimeOffset At, long Count);

[Topic("price")]
public readonly partial record struct Price([Key] decimal Amount);

/// <summary>Text whose key is no text.</summary>
[Topic("numbered", Format = Format.Text)]
public readonly partial record struct Numbered([Key] int Number, string Line);

[Topic("maybe-numbered", Format = Format.Text)]
public readonly partial record struct MaybeNumbered([Key] DayOfWeek? Number, string? Line);
