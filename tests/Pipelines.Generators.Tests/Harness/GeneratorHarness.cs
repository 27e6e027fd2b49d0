using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Pipelines.Generators.Tests;

/// <summary>Runs the generator over source in memory; a run can be edited and run again, to see what was reused.</summary>
internal sealed class GeneratorHarness
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq; global using Pipelines;";

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, DocumentationMode.Diagnose);
    private static readonly MetadataReference[] References = FindReferences();

    private readonly GeneratorDriver driver;
    private readonly CSharpCompilation input;

    private GeneratorHarness(GeneratorDriver driver, CSharpCompilation input)
    {
        // Twice would be wrong: the second run would find everything cached. So the one run is what is timed.
        var watch = Stopwatch.StartNew();
        this.driver = driver.RunGenerators(input);
        Elapsed = watch.Elapsed;
        this.input = input;
        Result = this.driver.GetRunResult();
    }

    /// <summary>Source and output together.</summary>
    public CSharpCompilation Compilation => input.AddSyntaxTrees(Result.GeneratedTrees);

    /// <summary>How long the generator took.</summary>
    public TimeSpan Elapsed { get; }

    public GeneratorDriverRunResult Result { get; }

    public IReadOnlyDictionary<string, string> Generated => Result.Results.SelectMany(static result => result.GeneratedSources)
        .ToDictionary(static source => source.HintName, static source => source.SourceText.ToString());

    /// <summary>What the generator reported; #pragma is honoured, as in a build.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics => [.. Result.Diagnostics.Where(static found => !found.IsSuppressed)];

    public static GeneratorHarness Run(params string[] sources) => Run("Sample", sources);

    public static GeneratorHarness Run(string assembly, string[] sources)
    {
        IEnumerable<SyntaxTree> trees = sources.Append(Usings).Select(static (source, index) => CSharpSyntaxTree.ParseText(source, Options, $"File{index}.cs", Encoding.UTF8));
        var compilation = CSharpCompilation.Create(assembly, trees, References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var driver = CSharpGeneratorDriver.Create(
            [new DetectorGenerator().AsSourceGenerator(), new RecordGenerator().AsSourceGenerator()],
            parseOptions: Options,
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        return new GeneratorHarness(driver, compilation);
    }

    /// <summary>Replaces one file and runs again.</summary>
    public GeneratorHarness Edit(string source, int file = 0)
    {
        SyntaxTree old = input.SyntaxTrees[file];
        return new GeneratorHarness(driver, input.ReplaceSyntaxTree(old, CSharpSyntaxTree.ParseText(source, Options, old.FilePath, Encoding.UTF8)));
    }

    /// <summary>Adds a file and runs again.</summary>
    public GeneratorHarness Add(string source) =>
        new(driver, input.AddSyntaxTrees(CSharpSyntaxTree.ParseText(source, Options, "Added.cs", Encoding.UTF8)));

    /// <summary>True when every output of the step was taken over from the run before.</summary>
    public bool Reused(string step) => Reasons(step) is { Count: > 0 } reasons
        && reasons.All(static reason => reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged);

    public IReadOnlyList<IncrementalStepRunReason> Reasons(string step) =>
        [.. Result.Results
            .SelectMany(result => result.TrackedSteps.TryGetValue(step, out var runs) ? runs : [])
            .SelectMany(static run => run.Outputs)
            .Select(static output => output.Reason)];

    /// <summary>True when every generated file is the text object of the run before: nothing was written anew.</summary>
    public bool TookSourcesFrom(GeneratorHarness earlier) => Sources().SequenceEqual(earlier.Sources());

    private IEnumerable<object> Sources() => Result.Results.SelectMany(static result => result.GeneratedSources).Select(static source => source.SourceText);

    /// <summary>Compiles source and output, and loads them.</summary>
    public Assembly Load()
    {
        using var stream = new MemoryStream();
        var emitted = Compilation.Emit(stream);
        if (!emitted.Success)
        {
            string errors = string.Join('\n', emitted.Diagnostics.Where(static found => found.Severity == DiagnosticSeverity.Error).Take(20));
            Assert.Fail($"The generated code does not compile:\n{errors}\n\n{string.Join("\n\n", Generated.Select(static file => $"// {file.Key}\n{file.Value}"))}");
        }

        stream.Position = 0;
        return new AssemblyLoadContext(Compilation.AssemblyName, isCollectible: true).LoadFromStream(stream);
    }

    private static MetadataReference[] FindReferences()
    {
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return [.. trusted.Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "netstandard.dll" or "mscorlib.dll" || name.StartsWith("Pipelines.Abstractions", StringComparison.Ordinal)))
            .Select(static path => MetadataReference.CreateFromFile(path))];
    }
}
