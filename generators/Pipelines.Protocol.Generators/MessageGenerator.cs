using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Pipelines.Protocol.Generators.Emit;
using Pipelines.Protocol.Generators.Model;
using Pipelines.Protocol.Generators.Parsing;

namespace Pipelines.Protocol.Generators;

/// <summary>Makes a class with <c>Read</c> and <c>Write</c> of every version from each <c>*.message</c> file, and the table of APIs from all of them.</summary>
[Generator]
public sealed class MessageGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor Unreadable = new(
        id: "PIPE9001", title: "A message schema cannot be read", messageFormat: "{0}", category: "Protocol", DiagnosticSeverity.Error, isEnabledByDefault: true);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var schemas = context.AdditionalTextsProvider
            .Where(static file => file.Path.EndsWith(".message", StringComparison.Ordinal))
            .Select(static (file, cancellation) => Parse(file, cancellation));

        var messages = schemas.Where(static schema => schema.Message is not null).Select(static (schema, _) => schema.Message!);

        context.RegisterSourceOutput(schemas, static (output, schema) =>
        {
            if (schema.Error is { } error)
                output.ReportDiagnostic(Diagnostic.Create(Unreadable, Location.Create(error.Path, default, new LinePositionSpan(new(error.Line, 0), new(error.Line, 0))), error.Text));
        });
        context.RegisterSourceOutput(messages, static (output, message) => output.AddSource(message.Name + ".g.cs", MessageEmitter.Emit(message)));
        context.RegisterSourceOutput(messages.Collect(), static (output, all) => output.AddSource("Api.g.cs", ApiTableEmitter.Emit(all)));
    }

    private static Schema Parse(AdditionalText file, CancellationToken cancellation)
    {
        try
        {
            return new Schema(MessageParser.Parse(file.GetText(cancellation)?.ToString() ?? ""), null);
        }
        catch (SchemaException problem)
        {
            return new Schema(null, new SchemaError(file.Path, problem.Line, problem.Message));
        }
    }

    private sealed record Schema(MessageModel? Message, SchemaError? Error);

    private sealed record SchemaError(string Path, int Line, string Text);
}
