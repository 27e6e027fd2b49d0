using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Pipelines.Generators.Tests.Detectors;

/// <summary>Each rule: the span it marks and what its message says.</summary>
public sealed class DetectorRuleTests
{
    private const string Types = """
        [Topic("lines", Format = Format.Text)] public readonly partial record struct Line(string Text);
        [Topic("clicks")] public readonly partial record struct Click([Key] string User, string Page, long Site);
        [Topic("views")] public readonly partial record struct View([Key] string User);
        [Topic("sites")] public readonly partial record struct Site([Key] long Id);
        [Topic("alerts")] public readonly partial record struct Alert([Key] string User);
        [Table("users")] public readonly partial record struct User([Key] string Name, string Level);
        public readonly partial record struct Word([Key] string Text);
        public readonly partial record struct Mark(int Weight);

        """;

    public static TheoryData<string, string, string> InDetector => new()
    {
        { "PIPE0005", "[Tumbling(\"1m\")] private static void [|On|](in Click click, ref long count) { }", "is private, so the generated task cannot call it; make it public or internal" },
        { "PIPE0005", "protected static void [|On|]([KeyBy(nameof(Click.Page))] in Click click, ref long count) { }", "is protected" },
        { "PIPE0006", "public static int [|On|](in Line line) => 0;", "returns 'int', which nobody would take; return void" },
        { "PIPE0006", "public static void [|On|]<T>(in Line line, Emit<Alert> alerts) { }", "is generic" },
        { "PIPE0006", "[OnLate] public static void [|Late|]() { }", "takes no record" },
        { "PIPE0007", "public static void On(in Click click, TimeProvider [|time|]) { }", "'System.TimeProvider', which a handler of this kind cannot ask for; take one of: 'ref T' state" },
        { "PIPE0007", "public static void On(in Click click, in View [|view|]) { }", "or a [Table] record by 'in'" },
        { "PIPE0007", "public static void On(in Click click, out long [|count|]) { count = 0; }", "'count' of handler 'On'" },
        { "PIPE0007", "public static void On(in Click click, Emit<Alert> alerts, params int[] [|rest|]) { }", "'int[]'" },
        { "PIPE0008", "public static void On(Line [|line|], Emit<Alert> alerts) { }", "is passed by value, which would copy every record or let it be changed; write 'in Line line'" },
        { "PIPE0008", "public static void On(in Click click, User? [|user|]) { }", "write 'in User? user'" },
        { "PIPE0008", "public static void On(in Click click, ref Emit<Alert> [|alerts|]) { }", "write 'Emit<Alert> alerts'" },
        { "PIPE0009", "public static void On(in int [|number|], Emit<Alert> alerts) { }", "reacts to 'int', which is not a record type" },
        { "PIPE0009", "public static void On(Emit<Alert> [|alerts|], in Line line) { }", "reacts to 'Pipelines.Emit<Alert>', which is not a record type" },
        { "PIPE0010", "public static void On(in Line line, Emit<DateTime> [|times|]) { }", "emits 'System.DateTime', which is not a record type" },
        { "PIPE0011", "[Session(\"5m\")] public static void On(in Click click, ref long count) { }", "[Session] of 'On' is not supported in this version" },
        { "PIPE0011", "public static void On(in Click click, Timers [|timers|]) { }", "Timers of 'On' is not supported in this version" },
        { "PIPE0011", "public static void On(in Click click, [Within(\"1h\")] in View [|view|]) { }", "[Within] of 'On'" },
        { "PIPE0011", "public static void On(in Click click, ref List<long> [|all|]) { }", "State of type List of 'On'" },
        { "PIPE0011", "public static void On(in Click click, ref Map<long, long> [|all|]) { }", "State of type Map of 'On'" },
        { "PIPE0011", "public static async System.Threading.Tasks.ValueTask [|On|](Click click, Emit<Alert> alerts) { }", "An asynchronous handler of 'On'" },
        { "PIPE0013", "[[|Tumbling(\"5x\")|]] public static void On(in Click click, ref long count) { }", "'5x' is not a duration for a window's size: its unit is 'x'; write a whole number and ms, s, m, h or d" },
        { "PIPE0013", "[[|Tumbling(\"0s\")|]] public static void On(in Click click, ref long count) { }", "it lasts no time" },
        { "PIPE0013", "[[|Tumbling(\"-5s\")|]] public static void On(in Click click, ref long count) { }", "a duration cannot be negative" },
        { "PIPE0013", "[[|Tumbling(\"\")|]] public static void On(in Click click, ref long count) { }", "it does not begin with a whole number" },
        { "PIPE0013", "[[|Tumbling(\"99999999999999999999d\")|]] public static void On(in Click click, ref long count) { }", "it is longer than 36500 days" },
        { "PIPE0013", "[[|Tumbling(\"1s\", Grace = \"soon\")|]] public static void On(in Click click, ref long count) { }", "'soon' is not a duration for a window's grace" },
        { "PIPE0014", "public static void [|On|](in Click click, ref long count, in Window window) { }", "takes a Window, but has none; add [Tumbling(\"...\")]" },
        { "PIPE0015", "[Tumbling(\"1m\")] public static void [|On|](in Click click) { }", "has [Tumbling] but no 'ref' state" },
        { "PIPE0016", "public static void A(in Click click) { }\n    public static void [|B|](in Click click) { }", "Handlers 'A' and 'B' of detector 'Sample' both take 'Click' under the same key" },
        { "PIPE0017", "public static void On([[|KeyBy(\"Nope\")|]] in Click click, ref long count) { }", "names 'Nope', which is not a member of 'Click'" },
        { "PIPE0017", "public static void On([[|KeyBy|]] in Click click, ref long count) { }", "names no member" },
        { "PIPE0017", "public static void On([[|KeyBy(nameof(Click.Page), nameof(Click.Page))|]] in Click click, ref long count) { }", "names 'Page' twice" },
        { "PIPE0017", "public static void On([[|KeyBy(nameof(Line.Text))|]] in Line line, ref long count) { }", "whose format is text" },
        { "PIPE0018", "[OnClose] public static void [|Closed|](string user) { }", "belongs to no window: no handler of the detector has [Tumbling]" },
        { "PIPE0018", "[Tumbling(\"1m\")] public static void On(in Click click, ref long count) { }\n    [OnClose] public static void Closed(in int [|count|]) { }", "takes 'count' as int, but it is kept as long" },
        { "PIPE0018", "[Tumbling(\"1m\")] public static void On(in Click click, ref long count) { }\n    [OnClose] public static void Closed(long [|user|], in long count) { }", "write 'string user'" },
        { "PIPE0018", "[Tumbling(\"1m\")] public static void On(in Click click, ref long count) { }\n    [OnClose] public static void Closed(string user, string [|page|], in long count) { }", "the key has 1 member(s): string User" },
        { "PIPE0018", "public static void On(in Click click, ref long count) { }\n    [OnClose] public static void Closed(in long [|count|]) { }", "is kept without a window and so never closes" },
        { "PIPE0018", "[Tumbling(\"1m\")] public static void On(in Click click, ref long a, ref long b) { }\n    [OnClose] public static void [|Closed|](string user) { }", "takes no state, and the detector keeps several in windows" },
        { "PIPE0018", "[Tumbling(\"1m\")] public static void On(in Click click, ref long a, ref long b) { }\n    [OnClose] public static void [|One|](in long a, in long b) { }\n    [OnClose] public static void Two(in long b, in long a) { }", "the other way round" },
        { "PIPE0019", "[Tumbling(\"1m\")] public static void On(in Click click, ref long count) { }\n    [OnLate] public static void [|Late|](in View view) { }", "takes 'View', which no windowed handler of the detector takes" },
        { "PIPE0021", "public static void On(in Click click, ref string[] [|pages|]) { }", "keeps 'string[]', which holds an array" },
        { "PIPE0021", "public static void On(in Click click, ref Text [|page|]) { }", "borrowed text" },
        { "PIPE0021", "public static void On(in Click click, ref Uri [|page|]) { }", "has no codec" },
        { "PIPE0021", "public static void On(in Click click, ref Sum [|sum|]) { }\n    public partial struct Sum { public long Value { get; } }", "has 'Value', which cannot be set, so a restart would lose it" },
        { "PIPE0021", "public static void On(in Click click, ref Sum [|sum|]) { }\n    public partial struct Sum { public Part Part; }\n    public struct Part { public long Value; }", "a struct that is not partial" },
        { "PIPE0021", "public static void On(in Click click, ref Fixed [|value|]) { }\n    public struct Fixed { public long Value; }", "is not partial" },
        { "PIPE1002", "public static void Start(in Line line, Emit<Word> words) { }\n    public static void [|On|](in Word word, Emit<Mark> marks) { }\n    public static void On(in Mark mark, Emit<Word> words) { }", "Mark -> sample.On -> Word -> sample.On -> Mark" },
        { "PIPE1003", "public static void On(in Line line, Emit<Word> [|words|]) { }", "'Word' is sent on a wire, but no handler takes it" },
        { "PIPE1004", "public static void On(in Word [|word|], ref long count) { }", "Handler 'On' takes 'Word', which has neither [Topic] nor [Table] and which no handler sends" },
        { "PIPE1005", "public static void On(in Line line, ref long [|count|]) { }", "Parameter 'count' of handler 'On' is kept per key, but 'Line' has no key there; mark a member of the record with [Key]" },
        { "PIPE1005", "public static void Send(in Line line, Emit<Mark> marks) { }\n    public static void On(in Mark mark, ref long [|count|]) { }", "'Mark' has no key there" },
        { "PIPE1006", "public static void On(in Click click, ref long seen) { }\n    public static void On(in View view, ref int [|seen|]) { }", "Store 'seen' of detector 'sample' is used with type long in 'On' and with type int in 'On'" },
        { "PIPE1006", "public static void On(in Click click, ref long seen) { }\n    public static void On(in Site site, ref long [|seen|]) { }", "with key (string User) in 'On' and with key (long Id)" },
        { "PIPE1006", "public static void On(in Click click, ref long seen) { }\n    [Tumbling(\"1m\")] public static void On(in View view, ref long [|seen|]) { }", "with no window in 'On' and with a window of 60000 ms" },
        { "PIPE1007", "public static void On(in Site site, in User? [|user|]) { }", "looks up 'User' by the key (long Id) of 'Site', but the table's key is (string Name)" },
        { "PIPE1008", "public static void Split(in Line line, Emit<Word> words) { }\n    public static void Count(in Word [|word|], ref long count) { }", "internal topic 'word-by-text' brings records of one key together" },
        { "PIPE1008", "public static void On([KeyBy(nameof(Click.Site), nameof(Click.Page))] in Click [|click|], ref long count) { }", "under the key (Site, Page) by 'sample.On', so internal topic 'sample.click-by-site-page'" },
        { "PIPE1009", "public static void On(in Click click, Emit<Mark> marks) { }\n    public static void On(in Site site, Emit<Mark> marks) { }\n    public static void On(in Mark mark, ref long [|count|]) { }", "comes from handlers under different keys" },
        { "PIPE1009", "[Tumbling(\"1m\")] public static void On(in Click click, ref long count) { }\n    [OnClose] public static void Closed(in long count, Emit<Mark> marks) { }\n    [Tumbling(\"1h\")] public static void On(in Mark mark, ref long [|total|]) { }", "comes from windows that have closed" },
        { "PIPE1011", "[Tumbling(\"1m\")] public static void On(in Click click, ref long count) { }\n    [OnClose] public static void Closed(in long count, Emit<Mark> marks) { }\n    public static void On(in Mark mark, in RecordInfo [|info|]) { }", "'Mark' can come from an [OnClose] handler" },
    };

    public static TheoryData<string, string, string> OfClass => new()
    {
        { "PIPE0001", "[Detector(\"sample\")] public static class [|Sample|] { public static void On(in Line line) { } }", "add the 'partial' modifier" },
        { "PIPE0002", "[Detector(\"sample\")] public static partial class [|Sample|]<T> { public static void On(in Line line) { } }", "is generic" },
        { "PIPE0002", "[Detector(\"sample\")] public abstract partial class [|Sample|] { public void On(in Line line) { } }", "is abstract" },
        { "PIPE0002", "[Detector(\"sample\")] public partial record [|Sample|] { public void On(in Line line) { } }", "is a record" },
        { "PIPE0002", "[Detector(\"sample\")] file static partial class [|Sample|] { public static void On(in Line line) { } }", "is local to its file" },
        { "PIPE0002", "public class Outer { [Detector(\"sample\")] public partial class [|Sample|] { public void On(in Line line) { } } }", "is nested in 'Outer'" },
        { "PIPE0003", "[Detector([|\"a b\"|])] public static partial class Sample { public static void On(in Line line) { } }", "has the name 'a b', which cannot be a part of a topic's name" },
        { "PIPE0003", "[Detector([|\"\"|])] public static partial class Sample { public static void On(in Line line) { } }", "use 1 to 100 letters" },
        { "PIPE0004", "[Detector(\"sample\")] public static partial class [|Sample|] { private static void On(in Line line) { } }", "has no handler, so nothing ever calls it" },
        { "PIPE0012", "[Detector(\"sample\")] public sealed partial class Sample { public static void [|On|](in Line line) { } }", "is static, but detector 'Sample' is not" },
        { "PIPE0013", "[Detector(\"sample\", [|RetryDelay = \"1 s\"|])] public static partial class Sample { public static void On(in Line line) { } }", "'1 s' is not a duration for RetryDelay" },
        { "PIPE0020", "[Detector(\"sample\", [|Retries = -1|])] public static partial class Sample { public static void On(in Line line) { } }", "has Retries = -1" },
        { "PIPE1001", "[Detector(\"sample\")] public static partial class A { public static void On(in Line line) { } } [Detector(\"sample\")] public static partial class [|B|] { public static void On(in Line line) { } }", "Detectors 'A' and 'B' are both named 'sample'" },
    };

    public static TheoryData<string, string, string> OfRecord => new()
    {
        { "PIPE0050", "[Topic(\"t\")] public readonly record struct [|Sample|](string Text);", "is not partial" },
        { "PIPE0050", "[Topic(\"t\")] public partial record struct [|Sample|](string Text);", "is not readonly" },
        { "PIPE0050", "[Topic(\"t\")] public readonly partial struct [|Sample|] { }", "is not a record struct" },
        { "PIPE0050", "[Topic(\"t\")] public readonly partial record struct [|Sample|]<T>(T Value);", "is generic" },
        { "PIPE0050", "public class Outer { [Topic(\"t\")] public readonly partial record struct [|Sample|](string Text); }", "or a type around it is not" },
        { "PIPE0050", "public record struct Wire(int Value);\n[Detector(\"sample\")] public static partial class Sample { public static void A(in Line line, Emit<Wire> [|wires|]) { } public static void B(in Wire wire) { } }", "Record 'Wire' is not readonly" },
        { "PIPE0051", "[Topic(\"t\")] public readonly partial record struct [|Sample|](string Text, Uri Place);", "Member 'Place' of record 'Sample' has type 'System.Uri'" },
        { "PIPE0052", "[Topic(\"t\")] public readonly partial record struct [|Sample|]([EventTime] DateTimeOffset? At);", "marks 'At' of type System.DateTimeOffset? with [EventTime]" },
        { "PIPE0052", "[Topic(\"t\")] public readonly partial record struct [|Sample|]([EventTime] long At, [EventTime] long Then);", "marks both 'At' and 'Then'" },
        { "PIPE0052", "[Topic(\"t\")] public readonly partial record struct [|Sample|]([EventTime] long At) : ITimedRecord<Sample> { public static long ReadEventTime(in Sample record, long timestampMs) => record.At; }", "implements ITimedRecord and marks 'At'" },
        { "PIPE0053", "[Topic(\"t\", Format = Format.Text)] public readonly partial record struct [|Sample|](int Number);", "'Number' is of type int" },
        { "PIPE0053", "[Topic(\"t\", Format = Format.Text)] public readonly partial record struct [|Sample|]([Key] string A, [Key] string B, string C);", "2 members are its key" },
        { "PIPE0054", "[Table(\"t\")] public readonly partial record struct [|Sample|](string Name);", "has no [Key] member" },
    };

    [Theory]
    [MemberData(nameof(OfRecord))]
    public void Record_rule_marks_its_span(string id, string declaration, string message) => Check(id, Types + declaration, message);

    [Theory]
    [MemberData(nameof(InDetector))]
    public void Handler_rule_marks_its_span(string id, string handlers, string message) =>
        Check(id, $"{Types}[Detector(\"sample\")]\npublic static partial class Sample\n{{\n    {handlers}\n}}\n", message);

    [Theory]
    [MemberData(nameof(OfClass))]
    public void Class_rule_marks_its_span(string id, string declaration, string message) => Check(id, Types + declaration, message);

    [Fact]
    public void Pragma_silences_a_rule()
    {
        const string Body = "[Detector(\"sample\")] public static partial class Sample { public static void On(in Line line, Emit<Word> words) { } }";
        Assert.Contains(GeneratorHarness.Run(Types + Body).Diagnostics, static found => found.Id == "PIPE1003");
        Assert.DoesNotContain(GeneratorHarness.Run($"{Types}#pragma warning disable PIPE1003\n{Body}").Diagnostics, static found => found.Id == "PIPE1003");
    }

    [Fact]
    public void Helpers_are_left_alone()
    {
        GeneratorHarness run = GeneratorHarness.Run(Types + """
            [Detector("sample")]
            public static partial class Sample
            {
                public static void On(in Click click, ref long count, Emit<Alert> alerts) { if (IsLong(click) && Twice(2) > 1) Raise(click, alerts); }
                public static int Twice(int number) => number * 2;
                public static bool IsLong(Click click) => click.Page.Length > 3;
                private static void Raise(in Click click, Emit<Alert> alerts) => alerts.Send(new(click.User));
                private static int Length(in Click click) => click.Page.Length;
            }
            """);
        Assert.Empty(run.Diagnostics);
        Assert.Contains("SampleTask.g.cs", run.Generated.Keys);
    }

    [Fact]
    public void Odd_names_compile()
    {
        GeneratorHarness run = GeneratorHarness.Run("""
            namespace @namespace.Deep
            {
                [Topic("in.1-x_Y")] public readonly partial record struct @class([Key] string @event, long scope, [EventTime] long batch);
                public readonly partial record struct Note([Key] string @event, long key);
                public enum Kind { A, B }
            }
            namespace Other
            {
                public readonly partial record struct Note(int Number);
            }
            namespace @namespace
            {
                using Deep;
                [Detector("1st.detector_X")]
                public static partial class @static
                {
                    [Tumbling("1s")]
                    public static void @in([KeyBy("scope", "event")] in @class record, ref long @ref, ref Kind entry, in Window window, DetectorClock clock, Emit<Note> notes, Emit<Other.Note> others) => @ref++;
                    public static void @out(in Note note, ref long scope, ref Guid? batch, in RecordInfo info, Emit<Other.Note> others) => scope++;
                    public static void @as(in Other.Note record) { }
                    [OnClose]
                    public static void Closed(string @event, long scope, in Window window, in Kind entry, in long @ref, DetectorClock clock) { }
                }
                [Detector("1st-detector-X")]
                public sealed partial class scope
                {
                    public void On(in @class record, ref long @ref) => @ref++;
                }
            }
            """);
        Assert.All(run.Diagnostics, static found => Assert.Equal("PIPE1008", found.Id));
        Assert.Empty(run.Compilation.GetDiagnostics().Where(static found => found.Severity >= DiagnosticSeverity.Warning && found.Id is not ("CS8981" or "CS1591")));
    }

    [Fact]
    public void State_and_keys_that_may_be_null_compile_without_a_warning()
    {
        GeneratorHarness run = GeneratorHarness.Run("""
            [Topic("views")] public readonly partial record struct View([Key] string? User, string Page);
            [Topic("ends")] public readonly partial record struct End([Key] string? User, string? Last, int? Count);
            [Detector("sample")]
            public static partial class Sample
            {
                [Tumbling("1m")]
                public static void On(in View view, ref string? last, ref int? count) { last = view.Page; count = (count ?? 0) + 1; }
                [OnClose]
                public static void Closed(string? user, in string? last, in int? count, Emit<End> ends) => ends.Send(new(user, last, count));
            }
            """);
        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Compilation.GetDiagnostics().Where(static found => found.Severity >= DiagnosticSeverity.Warning && found.Id != "CS1591"));
    }

    [Fact]
    public void A_broken_detector_makes_no_code_and_no_noise()
    {
        GeneratorHarness run = GeneratorHarness.Run(Types + """
            [Detector("a")] public static partial class A { public static int On(in Line line, Emit<Word> words) => 0; }
            [Detector("b")] public static partial class B { public static void On(in Word word) { } }
            [Detector("c")] public static partial class C { public static void On(in Click click) { } }
            """);
        Assert.Equal("PIPE0006", Assert.Single(run.Diagnostics).Id);
        Assert.Contains("CTask.g.cs", run.Generated.Keys);
        Assert.DoesNotContain("ATask.g.cs", run.Generated.Keys);
    }

    private static void Check(string id, string marked, string message)
    {
        bool isMarked = marked.Contains("[|", StringComparison.Ordinal);
        (string source, TextSpan span) = isMarked ? Markup.Read(marked) : (marked, default);
        GeneratorHarness run = GeneratorHarness.Run(source);
        string all = string.Join('\n', run.Diagnostics);
        Diagnostic? found = run.Diagnostics.FirstOrDefault(found => found.Id == id);
        Assert.True(found is not null, $"{id} is not reported, but:\n{all}");
        Assert.Contains(message, found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        if (isMarked) Assert.Equal(source.Substring(span.Start, span.Length) + $" at {span.Start}", source.Substring(found.Location.SourceSpan.Start, found.Location.SourceSpan.Length) + $" at {found.Location.SourceSpan.Start}");
        Assert.True(run.Diagnostics.All(other => other.Id == id || other.Severity == DiagnosticSeverity.Info), all);
    }
}
