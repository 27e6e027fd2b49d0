using System.Diagnostics;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Pipelines.Generators.Tests.Detectors;

/// <summary>What an edit costs: only what changed in meaning is made anew.</summary>
public sealed class DetectorCacheTests
{
    private static readonly string[] DetectorSteps = [Steps.Detectors, Steps.Topology, Steps.Components, Steps.Assembly, RecordGenerator.CodedTypesStep];

    [Fact]
    public void Body_edit_reuses_every_output()
    {
        GeneratorHarness first = GeneratorHarness.Run(Programs.WordCount);
        GeneratorHarness second = first.Edit(Programs.WordCount.Replace("Split(' ')", "Split(',')", StringComparison.Ordinal));
        Assert.All(DetectorSteps, step => Assert.True(second.Reused(step), $"{step}: {string.Join(", ", second.Reasons(step))}"));
        Assert.True(second.TookSourcesFrom(first));
    }

    [Fact]
    public void Moved_lines_reuse_every_output()
    {
        GeneratorHarness first = GeneratorHarness.Run(Programs.BruteForce);
        GeneratorHarness second = first.Edit("// One line more.\n\n" + Programs.BruteForce);
        Assert.All(DetectorSteps, step => Assert.True(second.Reused(step), step));
        Assert.True(second.TookSourcesFrom(first));
    }

    [Fact]
    public void Unrelated_file_reuses_every_output()
    {
        GeneratorHarness first = GeneratorHarness.Run(Programs.LocalSellers);
        GeneratorHarness second = first.Add("namespace Other; public sealed class Unrelated { public int Number => 1; }");
        Assert.All(DetectorSteps, step => Assert.True(second.Reused(step), step));
        Assert.True(second.TookSourcesFrom(first));
    }

    [Fact]
    public void Signature_edit_makes_only_its_own_task_anew()
    {
        GeneratorHarness first = GeneratorHarness.Run("Sample", [Programs.WordCount, Programs.PossibleFraud]);
        GeneratorHarness second = first.Edit(Programs.PossibleFraud.Replace("Grace = \"1s\"", "Grace = \"2s\"", StringComparison.Ordinal), file: 1);
        Assert.False(second.Reused(Steps.Topology));
        Assert.NotEqual(first.Generated["PossibleFraudTask.g.cs"].Length + first.Generated["AssemblyTopology.g.cs"], second.Generated["PossibleFraudTask.g.cs"].Length + second.Generated["AssemblyTopology.g.cs"]);
        Assert.Contains(IncrementalStepRunReason.Unchanged, second.Reasons(Steps.Detectors));
        Assert.Same(SourceOf(first, "WordCountTask.g.cs"), SourceOf(second, "WordCountTask.g.cs"));
        Assert.NotSame(SourceOf(first, "AssemblyTopology.g.cs"), SourceOf(second, "AssemblyTopology.g.cs"));
    }

    [Fact]
    public void Moved_lines_move_what_is_reported()
    {
        const string Source = "[Topic(\"lines\")] public readonly partial record struct Line([Key] string Text);\npublic readonly partial record struct Word(string Text);\n[Detector(\"sample\")] public static partial class Sample { public static void On(in Line line, Emit<Word> words) { } }";
        GeneratorHarness first = GeneratorHarness.Run(Source);
        GeneratorHarness second = first.Edit("\n\n" + Source);
        Assert.Equal(2, Assert.Single(first.Diagnostics).Location.GetLineSpan().StartLinePosition.Line);
        Assert.Equal(4, Assert.Single(second.Diagnostics).Location.GetLineSpan().StartLinePosition.Line);
        Assert.True(second.Reused(Steps.Topology));
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    public void Output_does_not_depend_on_the_culture(string culture)
    {
        string[] expected = [.. Programs.All.Select(static program => All(GeneratorHarness.Run(program.Source)))];
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.Equal(expected, Programs.All.Select(static program => All(GeneratorHarness.Run(program.Source))));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        static string All(GeneratorHarness run) => string.Concat(run.Generated.OrderBy(static file => file.Key, StringComparer.Ordinal).Select(static file => file.Value));
    }

    [Fact]
    public void Order_of_files_does_not_change_the_output()
    {
        GeneratorHarness one = GeneratorHarness.Run("Sample", [Programs.WordCount, Programs.PossibleFraud]);
        GeneratorHarness other = GeneratorHarness.Run("Sample", [Programs.PossibleFraud, Programs.WordCount]);
        Assert.Equal(one.Generated["AssemblyTopology.g.cs"], other.Generated["AssemblyTopology.g.cs"]);
    }

    [Fact]
    public void A_constant_in_another_file_reaches_the_detector()
    {
        const string Source = "[Topic(\"lines\")] public readonly partial record struct Line([Key] string Text);\n[Detector(Names.Sample)] public static partial class Sample { public static void On(in Line line) { } }";
        const string Names = "public static class Names { public const string Sample = \"one\"; }";
        GeneratorHarness first = GeneratorHarness.Run(Source, Names);
        GeneratorHarness second = first.Edit(Names.Replace("one", "two", StringComparison.Ordinal), file: 1);
        Assert.Contains("OneTask.g.cs", first.Generated.Keys);
        Assert.Contains("TwoTask.g.cs", second.Generated.Keys);
    }

    [Fact]
    public void A_record_in_another_file_reaches_the_detector()
    {
        const string Record = "[Topic(\"lines\")] public readonly partial record struct Line([Key] string Text);";
        GeneratorHarness first = GeneratorHarness.Run("[Detector(\"sample\")] public static partial class Sample { public static void On(in Line line, ref long count) { } }", Record);
        GeneratorHarness second = first.Edit(Record.Replace("[Key] ", "", StringComparison.Ordinal), file: 1);
        GeneratorHarness third = second.Edit("#nullable disable\n" + Record.Replace("lines", "rows", StringComparison.Ordinal), file: 1);
        Assert.Empty(first.Diagnostics);
        Assert.Equal("PIPE1005", Assert.Single(second.Diagnostics).Id);
        Assert.Contains("\"rows\"", third.Generated["AssemblyTopology.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_in_two_files_are_one_detector_and_report_where_they_stand()
    {
        const string Record = "[Topic(\"lines\")] public readonly partial record struct Line([Key] string Text);\npublic readonly partial record struct Word(string Text);\n";
        const string Other = "public static partial class Sample { public static void On(in Line line, Emit<Word> words) { words.Send(new(\"\")); } }";
        GeneratorHarness run = GeneratorHarness.Run(Record + "[Detector(\"sample\")] [Obsolete] public static partial class Sample { }", Other);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("PIPE1003", Assert.Single(run.Diagnostics).Id);
            Assert.Equal("File1.cs", run.Diagnostics[0].Location.SourceTree!.FilePath);
            Assert.Same(run.Compilation.SyntaxTrees.Single(static tree => tree.FilePath == "File1.cs"), run.Diagnostics[0].Location.SourceTree);
            run = run.Edit(Other.Replace("\"\"", $"\"{i}\"", StringComparison.Ordinal), file: 1);
        }
    }

    [Fact]
    public void An_alias_of_the_attribute_marks_a_detector()
    {
        GeneratorHarness run = GeneratorHarness.Run("using Marked = Pipelines.DetectorAttribute;\n[Topic(\"lines\")] public readonly partial record struct Line([Key] string Text);\n[Marked(\"sample\")] public static partial class Sample { public static void On(in Line line) { } }");
        Assert.Contains("SampleTask.g.cs", run.Generated.Keys);
    }

    /// <summary>A time would say more about the machine than about the generator: what counts is that the other 199 are not even looked at.</summary>
    [Fact]
    public void Keystroke_in_a_project_of_200_detectors_parses_one()
    {
        string[] sources = [.. Enumerable.Range(0, 200).Select(Detector)];
        GeneratorHarness run = GeneratorHarness.Run("Sample", sources);
        var times = new List<double>();
        for (int i = 0; i < 30; i++)
        {
            string edited = sources[7].Replace("count += 1", $"count += {i + 2}", StringComparison.Ordinal);
            GeneratorHarness next = run.Edit(edited, file: 7);
            Assert.True(next.TookSourcesFrom(run));
            times.Add(next.Elapsed.TotalMilliseconds);
            run = next;
        }

        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"keystroke over 200 detectors: median {times[15]:F2} ms, least {times[0]:F2} ms");
        IReadOnlyList<IncrementalStepRunReason> reasons = run.Reasons(Steps.Detectors);
        Assert.Equal(199, reasons.Count(static reason => reason == IncrementalStepRunReason.Cached));
        Assert.Equal(1, reasons.Count(static reason => reason == IncrementalStepRunReason.Unchanged));

        static string Detector(int number) => $$"""
            namespace Many{{number}};
            [Topic("in-{{number}}")] public readonly partial record struct Input([Key] string Name, long Value, [EventTime] DateTimeOffset At);
            [Topic("out-{{number}}")] public readonly partial record struct Output([Key] string Name, long Value);
            [Detector("detector-{{number}}")]
            public static partial class Detector
            {
                [Tumbling("5s", Grace = "1s")]
                public static void On(in Input input, ref long count, in Window window, Emit<Output> output)
                {
                    count += 1;
                    if (count == 4) output.Send(new(input.Name, count));
                }
            }
            """;
    }

    private static object SourceOf(GeneratorHarness run, string file) => run.Result.Results.SelectMany(static result => result.GeneratedSources).Single(source => source.HintName == file).SourceText;
}
