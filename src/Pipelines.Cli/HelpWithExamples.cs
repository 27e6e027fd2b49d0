using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Pipelines.Cli;

/// <summary>The usual help, then what one would type.</summary>
internal sealed class HelpWithExamples(HelpAction usual, CommandHost host) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        int code = usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        // The program is called what people type, not what its file is called.
        output.Write(text.ToString().Replace($"  {RootCommand.ExecutableName} ", "  pipelines ", StringComparison.Ordinal));
        IReadOnlyList<string> examples = host.ExamplesOf(parseResult.CommandResult.Command);
        if (examples.Count == 0) return code;
        output.WriteLine("Examples:");
        foreach (string example in examples) output.WriteLine($"  {example}");
        output.WriteLine();
        return code;
    }
}
