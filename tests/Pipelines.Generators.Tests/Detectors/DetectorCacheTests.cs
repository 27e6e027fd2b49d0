using System.Diagnostics;
using System.Globalization;

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
        Assert.Contains(Microsoft.CodeAnalysis.IncrementalStepRunReason.Unchanged, second.Reasons(Steps.Detectors));
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

    /// <summary>The target is 10 ms; the bound leaves room for a slow machine and a debug build, and would still catch a lost cache.</summary>
    [Fact]
    public void Keystroke_in_a_project_of_200_detectors_is_cheap()
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
        Assert.InRange(times[15], 0, 100);

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
