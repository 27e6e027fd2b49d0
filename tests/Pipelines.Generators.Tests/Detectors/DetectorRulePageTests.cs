using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators.Tests.Detectors;

/// <summary>Every rule has a page, and the code on the page does what it says.</summary>
public sealed partial class DetectorRulePageTests
{
    public static TheoryData<string> Ids => [.. Rules().Select(static rule => rule.Id).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Page_breaks_and_keeps_the_rule(string id)
    {
        DiagnosticDescriptor rule = Rules().Single(rule => rule.Id == id);
        string path = Path.Combine(DocsFolder(), id + ".md");
        Assert.True(File.Exists(path), $"Rule {id} has no page {path}.");
        string page = File.ReadAllText(path).ReplaceLineEndings("\n");
        Assert.StartsWith($"# {id}: {rule.Title}\n", page, StringComparison.Ordinal);
        Assert.EndsWith(id + ".md", rule.HelpLinkUri, StringComparison.Ordinal);
        foreach (string section in (string[])["## Why", "## Code that breaks it", "## Code that keeps it", "## When to silence it"]) Assert.Contains(section, page, StringComparison.Ordinal);

        MatchCollection blocks = CodeBlock().Matches(page);
        Assert.Equal(2, blocks.Count);
        IReadOnlyList<Diagnostic> broken = GeneratorHarness.Run(blocks[0].Groups[1].Value).Diagnostics;
        Assert.Contains(broken, found => found.Id == id);
        IReadOnlyList<Diagnostic> kept = GeneratorHarness.Run(blocks[1].Groups[1].Value).Diagnostics;
        Assert.True(kept.All(found => found.Severity == DiagnosticSeverity.Info && found.Id != id), string.Join('\n', kept));
    }

    [Fact]
    public void Every_rule_is_in_the_release_table()
    {
        string table = File.ReadAllText(Path.Combine(DocsFolder(), "../../generators/Pipelines.Generators/AnalyzerReleases.Unshipped.md"));
        foreach (DiagnosticDescriptor rule in Rules())
            Assert.Contains($"{rule.Id} | {rule.Category} | {rule.DefaultSeverity} | ", table, StringComparison.Ordinal);
    }

    private static IEnumerable<DiagnosticDescriptor> Rules() => new[] { typeof(DetectorRules), typeof(RecordRules), typeof(TopologyRules) }
        .SelectMany(static type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(static field => (DiagnosticDescriptor)field.GetValue(null)!);

    private static string DocsFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../analyzers/docs"));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
