using Microsoft.CodeAnalysis;

namespace Pipelines.Generators.Tests.Records;

/// <summary>Records at the edges of what C# allows: each compiles with its codec, or a rule says why not. Never an error inside generated code.</summary>
public sealed class OddRecordTests
{
    public static TheoryData<string, string> Accepted => new()
    {
        { "a member named like the contract's", """[Topic("t")] public readonly partial record struct R([Key] string Schema, [EventTime] DateTimeOffset EventTime, int HasKey, int Read, int WriteKey, int WriteValue);""" },
        { "members named like the codec's parameters", """[Topic("t", Format = Format.Json)] public readonly partial record struct R([Key] string record, string target, string reader, string json, int count, int local0, int value0, int? member0);""" },
        { "a type named like a member of the contract", """[Topic("t")] public readonly partial record struct Read([Key] long Schema, [EventTime] long At); [Detector("d")] public static partial class D { public static void On(in Read read, ref long count, Emit<Read> again) { again.Send(read with { At = ++count }); } }""" },
        { "a detector over a member named like the contract's", """[Topic("t")] public readonly partial record struct R([Key] string Schema, [EventTime] DateTimeOffset EventTime); public readonly partial record struct W([Key] int WriteKey, [EventTime] long EventTime); [Detector("d")] public static partial class D { public static void On(in R r, Emit<W> w) => w.Send(new(1, 2)); public static void On(in W w, ref long count) => count++; }""" },
        { "a text record with a number as key", """[Topic("t", Format = Format.Text)] public readonly partial record struct R([Key] int Id, string Line);""" },
        { "a text record with every sort of key", """[Topic("t", Format = Format.Text)] public readonly partial record struct R([Key] Guid? Id, Text Line); [Topic("u", Format = Format.Text)] public readonly partial record struct S([Key] DayOfWeek Day, string? Line); [Topic("v", Format = Format.Text)] public readonly partial record struct U([Key] byte[] Key, string Line);""" },
        { "nested lists", """public readonly partial record struct P(int X); [Topic("t")] public readonly partial record struct R([Key] long Id, List<P[]> Parts, int[][] Grid, List<List<string?>?> Names, P?[]? Maybe, System.Collections.Immutable.ImmutableArray<P>? Array, IEnumerable<P> Some);""" },
        { "the same in JSON", """public readonly partial record struct P(int X); [Topic("t", Format = Format.Json)] public readonly partial record struct R([Key] long Id, List<P[]> Parts, int[][] Grid, List<List<string?>?> Names, P?[]? Maybe, System.Collections.Immutable.ImmutableArray<P>? Array, IEnumerable<P> Some);""" },
        { "a record of itself", """[Topic("t")] public readonly partial record struct Tree([Key] long Id, Tree[] Branches);""" },
        { "properties that are set", """[Topic("t")] public readonly partial record struct R { [Key] public required string Id { get; init; } [EventTime] public long At { get; init; } public int Twice => 2; public static int All { get; set; } }""" },
        { "a computed property of a struct without a codec", """public struct Box { public object Held; } [Topic("t")] public readonly partial record struct R([Key] long Id) { public Box Box => default; }""" },
        { "a record inside of others", """public static partial class Outer { internal partial record Middle { [Topic("t")] internal readonly partial record struct R([Key] string Id); } }""" },
        { "every key alone", """
            [Topic("a")] public readonly partial record struct A([Key] bool K); [Topic("b")] public readonly partial record struct B([Key] sbyte K); [Topic("c")] public readonly partial record struct C([Key] char? K);
            [Topic("d")] public readonly partial record struct D([Key] decimal K); [Topic("e")] public readonly partial record struct E([Key] DateTimeOffset? K); [Topic("f")] public readonly partial record struct F([Key] DayOfWeek? K);
            [Topic("g")] public readonly partial record struct G([Key] byte[]? K); [Topic("h")] public readonly partial record struct H([Key] Text? K); [Topic("i")] public readonly partial record struct I([Key] DateOnly K, [Key] TimeSpan L);
            """ },
        { "a record in the global namespace and one of the same name in another", """[Topic("a")] public readonly partial record struct R([Key] long Id); namespace Other { [Topic("b")] public readonly partial record struct R([Key] long Id, global::R Outer); }""" },
        { "an enum of each size", """public enum Tiny : sbyte { A = -1 } public enum Huge : ulong { B = ulong.MaxValue } [Topic("t")] public readonly partial record struct R([Key] Tiny A, [Key] Huge B, Tiny[] All, Huge? Maybe);""" },
        { "a closed window whose key may be null", """[Topic("t")] public readonly partial record struct R([Key] int? Id, [EventTime] long At); [Topic("u")] public readonly partial record struct O([Key] int? Id, long Count); [Detector("d")] public static partial class D { [Tumbling("1m")] public static void On(in R r, ref long count, in Window window) => count++; [OnClose] public static void Closed(int? id, in Window window, in long count, Emit<O> totals) => totals.Send(new(id, count)); }""" },
        { "two JSON types on one topic", """[Topic("t", Format = Format.Json)] public readonly partial record struct R([Key] long Id, long Value); [Topic("t", Format = Format.Json)] public readonly partial record struct S([Key] long Id, string Name);""" },
        { "no members at all", """[Topic("t")] public readonly partial record struct R; [Topic("u", Format = Format.Json)] public readonly partial record struct S();""" },
    };

    public static TheoryData<string, string, string> Refused => new()
    {
        { "PIPE0051", """public readonly record struct P(int X); [Topic("t")] public readonly partial record struct R([Key] long Id, P Part);""", "'P', a struct that is not partial" },
        { "PIPE0051", """public readonly partial record struct P(object Held); [Topic("t")] public readonly partial record struct R([Key] long Id, List<P[]> Parts);""", "member 'Held' of type 'object'" },
        { "PIPE0051", """public partial struct Q { public Uri Held; } public readonly partial record struct P(Q Inner); [Topic("t")] public readonly partial record struct R([Key] long Id, P? Part);""", "member 'Held' of type 'System.Uri'" },
        { "PIPE0051", """public readonly partial record struct P(int ReadMessagePack); [Topic("t")] public readonly partial record struct R([Key] long Id, P Part);""", "a struct with a member 'ReadMessagePack'" },
        { "PIPE0050", """[Topic("t")] public readonly partial record struct R([Key] long Id, int WriteJson);""", "has a member 'WriteJson', which is what a method of its codec is called, so no codec can be added to it; rename it" },
        { "PIPE0051", """public partial struct P { public readonly int Lost; } [Topic("t")] public readonly partial record struct R([Key] long Id, P Part);""", "whose 'Lost' cannot be set" },
        { "PIPE0051", """public partial struct P { public int Lost { get; } } [Topic("t")] public readonly partial record struct R([Key] long Id, P Part);""", "whose 'Lost' cannot be set" },
        { "PIPE0052", """[Topic("t")] public readonly partial record struct R([Key] long Id, [EventTime] DateTimeOffset? At);""", "At" },
        { "PIPE0053", """[Topic("t", Format = Format.Text)] public readonly partial record struct R([Key] string Id);""", "0 members" },
        { "PIPE0054", """[Table("t")] public readonly partial record struct R(string Id);""", "[Key]" },
        { "PIPE0051", """[Topic("t")] public readonly partial record struct R([Key] long Id, System.Text.Rune Letter);""", "'System.Text.Rune'" },
        { "PIPE0051", """[Topic("t")] public readonly partial record struct R([Key] long Id, (int, int) Pair);""", "'(int, int)'" },
        { "PIPE0051", """[Topic("t")] public readonly partial record struct R([Key] long Id, nint Size);""", "'nint'" },
        { "PIPE0051", """[Topic("t")] public readonly partial record struct R([Key] long Id, DateTime At);""", "DateTimeOffset" },
        { "PIPE0051", """[Topic("t")] public readonly partial record struct R([Key] long Id, Dictionary<string, int> Counts);""", "Dictionary" },
        { "PIPE0055", """[Topic("t")] public readonly partial record struct R([Key] int[] Ids, long Value);""", "'int[]'" },
        { "PIPE0055", """public readonly partial record struct P(int X); [Topic("t")] public readonly partial record struct R([Key] P Id, long Value);""", "'P'" },
        { "PIPE0056", """[Topic("t")] public readonly partial record struct R([Key] long Id, long Value); [Table("t")] public readonly partial record struct S([Key] long Id, string Name);""", "'R'" },
        { "PIPE0056", """[Topic("t", Format = Format.Json)] public readonly partial record struct R([Key] long Id, long Value); [Topic("t")] public readonly partial record struct S([Key] long Id, string Name);""", "'R'" },
        { "PIPE0056", """[Topic("t", Format = Format.Json)] public readonly partial record struct R([Key] long Id, long Value); [Table("t", Format = Format.Json)] public readonly partial record struct S([Key] long Id, string Name);""", "'R'" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Compiles_with_its_codec(string what, string source)
    {
        GeneratorHarness run = GeneratorHarness.Run(source);
        Assert.DoesNotContain(run.Diagnostics, static found => found.Severity >= DiagnosticSeverity.Warning);
        Assert.NotNull(run.Load().GetType("R", throwOnError: false) ?? (object)what);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Is_refused_with_a_remedy(string id, string source, string says)
    {
        GeneratorHarness run = GeneratorHarness.Run(source);
        Diagnostic found = Assert.Single(run.Diagnostics);
        Assert.Equal(id, found.Id);
        Assert.Contains(says, found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        // Nothing but the rule: generated code that does not compile would hide it.
        Assert.Empty(run.Compilation.GetDiagnostics().Where(static error => error.Severity == DiagnosticSeverity.Error && error.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true));
    }
}
