using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Pipelines.Protocol.Generators;

namespace Pipelines.Protocol.Tests.Generators;

public sealed class MessageGeneratorTests
{
    private const string Right = "# Says it is there.\napi 12 Heartbeat\nversions 0-4\nflexible 4+\n\nrequest\n  GroupId  string\n\nresponse\n  ErrorCode  int16\n";

    [Fact]
    public void A_right_schema_has_no_error_and_gives_its_class_and_the_table()
    {
        GeneratorDriverRunResult result = Run(Right);
        Assert.Empty(result.Diagnostics);
        Assert.Equal(["Api.g.cs", "Heartbeat.g.cs"], result.GeneratedTrees.Select(static tree => Path.GetFileName(tree.FilePath)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("  GroupId  string\n", "  GroupId\n", 7, "has no type")]
    [InlineData("  GroupId  string\n", "  GroupId  string  often\n", 7, "'often'")]
    [InlineData("  GroupId  string\n", "  GroupId  string  1-x\n", 7, "'x' is not a version")]
    [InlineData("  GroupId  string\n", "   GroupId  string\n", 7, "two spaces")]
    [InlineData("  GroupId  string\n", "      GroupId  string\n", 7, "indented")]
    [InlineData("  GroupId  string\n", "  GroupId  string?(\n", 7, "version")]
    [InlineData("  GroupId  string\n", "  GroupId  strnig\n", 7, "strnig")]
    [InlineData("  GroupId  string\n", "  GroupId  string\n  GroupId  int8\n", 8, "GroupId")]
    [InlineData("  GroupId  string\n", "  GroupId  string  4+  tag 99999999999\n", 7, "99999999999")]
    [InlineData("  GroupId  string\n", "  GroupId  int32  = many\n", 7, "many")]
    [InlineData("  GroupId  string\n", "  A  int32  4+  tag 0\n  B  int32  4+  tag 0\n", 8, "tag")]
    [InlineData("  GroupId  string\n", "  GroupId  string  tag 0\n", 7, "flexible")]
    [InlineData("request\n", "question\n", 6, "'question'")]
    [InlineData("flexible 4+\n", "flexibel 4+\n", 4, "'flexibel 4+'")]
    [InlineData("versions 0-4\n", "", 1, "versions")]
    public void A_wrong_schema_is_PIPE9001_at_its_line(string right, string wrong, int line, string expected)
    {
        GeneratorDriverRunResult result = Run(Right.Replace(right, wrong, StringComparison.Ordinal));
        Diagnostic problem = Assert.Single(result.Diagnostics);
        Assert.Equal("PIPE9001", problem.Id);
        Assert.Contains(expected, problem.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal(("012.message", line), (problem.Location.GetLineSpan().Path, problem.Location.GetLineSpan().StartLinePosition.Line + 1));
    }

    [Fact]
    public void A_schema_edit_leaves_the_other_classes_alone()
    {
        Compilation compilation = CSharpCompilation.Create("empty");
        var other = new Schema("013.message", Right.Replace("12 Heartbeat", "13 LeaveGroup", StringComparison.Ordinal));
        GeneratorDriver driver = Driver().AddAdditionalTexts([new Schema("012.message", Right), other]).RunGenerators(compilation);
        var edited = new Schema("013.message", other.Text.Replace("string", "uuid", StringComparison.Ordinal));
        GeneratorDriverRunResult result = driver.ReplaceAdditionalText(other, edited).RunGenerators(compilation).GetRunResult();
        var reasons = result.Results[0].TrackedOutputSteps.SelectMany(static step => step.Value).SelectMany(static step => step.Outputs).Select(static output => output.Reason).ToList();
        Assert.Contains(IncrementalStepRunReason.Cached, reasons);
        Assert.Contains(IncrementalStepRunReason.Modified, reasons);
    }

    private static GeneratorDriverRunResult Run(string schema) =>
        Driver().AddAdditionalTexts([new Schema("012.message", schema)]).RunGenerators(CSharpCompilation.Create("empty")).GetRunResult();

    private static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new MessageGenerator().AsSourceGenerator()], driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private sealed class Schema(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public string Text => text;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
