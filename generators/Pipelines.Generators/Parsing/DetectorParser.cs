using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads a [Detector] class.</summary>
internal sealed class DetectorParser
{
    private readonly INamedTypeSymbol type;
    private readonly AttributeData attribute;
    private readonly List<Diagnostic> diagnostics = new();

    private DetectorParser(INamedTypeSymbol type, AttributeData attribute)
    {
        this.type = type;
        this.attribute = attribute;
    }

    public static DetectorParse Parse(INamedTypeSymbol type, AttributeData attribute, TypeDeclarationSyntax node, CancellationToken cancellation) =>
        new DetectorParser(type, attribute).Parse(node, cancellation);

    private DetectorParse Parse(TypeDeclarationSyntax node, CancellationToken cancellation)
    {
        Location place = node.Identifier.GetLocation();
        string name = attribute.ConstructorArguments.Length > 0 ? attribute.ConstructorArguments[0].Value as string ?? "" : "";
        CheckShape(node, place);
        if (!IsName(name)) Report(DetectorRules.DetectorName, ArgumentPlace(0, place), type.Name, name);
        (string onError, int retries, long retryDelayMs) = ErrorContract(place);

        var handlers = new List<HandlerModel>();
        var locations = ImmutableArray.CreateBuilder<HandlerLocations>();
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is not IMethodSymbol { MethodKind: MethodKind.Ordinary, IsImplicitlyDeclared: false } method) continue;
            cancellation.ThrowIfCancellationRequested();
            if (new HandlerParser(type, method, diagnostics).Parse() is not { } handler) continue;
            handlers.Add(handler);
            locations.Add(HandlerParser.LocationsOf(method));
        }

        var where = new DetectorLocations(type.ToDisplayString(KnownTypes.Words), place, locations.ToImmutable());
        CheckHandlers(handlers, where, place);
        var model = new DetectorModel(
            type.ToDisplayString(KnownTypes.Global),
            where.FullName,
            name,
            type.IsStatic,
            onError,
            retries,
            retryDelayMs,
            diagnostics.Any(static found => found.Severity == DiagnosticSeverity.Error),
            handlers.ToEquatableArray());
        return new DetectorParse(model, diagnostics.ToImmutableArray(), where);
    }

    private void CheckShape(TypeDeclarationSyntax node, Location place)
    {
        if (!node.Modifiers.Any(SyntaxKind.PartialKeyword)) Report(DetectorRules.DetectorIsNotPartial, place, type.Name);
        string? shape =
            type.IsRecord ? "a record"
            : type.IsGenericType ? "generic"
            : type.ContainingType is not null ? $"nested in '{type.ContainingType.Name}'"
            : type.IsFileLocal ? "local to its file"
            : type.IsAbstract && !type.IsStatic ? "abstract"
            : null;
        if (shape is not null) Report(DetectorRules.DetectorShape, place, type.Name, shape);
    }

    private (string OnError, int Retries, long RetryDelayMs) ErrorContract(Location place)
    {
        string onError = "DeadLetter";
        int retries = 3;
        long retryDelayMs = 100;
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            switch (argument.Key)
            {
                case "OnError" when argument.Value.Value is int value:
                    onError = value switch { 1 => "Retry", 2 => "Skip", 3 => "Stop", _ => "DeadLetter" };
                    break;
                case "Retries" when argument.Value.Value is int value:
                    retries = value;
                    if (value < 0) Report(DetectorRules.BadRetries, NamedPlace("Retries", place), type.Name, value.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case "RetryDelay":
                    if (!Duration.TryParse(argument.Value.Value as string, allowZero: true, out retryDelayMs, out string problem))
                        Report(DetectorRules.BadDuration, NamedPlace("RetryDelay", place), argument.Value.Value as string ?? "", "RetryDelay", problem);
                    break;
            }
        }

        return (onError, retries, retryDelayMs);
    }

    /// <summary>What several handlers of the class can get wrong together.</summary>
    private void CheckHandlers(List<HandlerModel> handlers, DetectorLocations where, Location place)
    {
        if (handlers.Count == 0 && diagnostics.Count == 0) Report(DetectorRules.DetectorHasNoHandlers, place, type.Name);
        for (int i = 0; i < handlers.Count; i++)
        {
            HandlerModel handler = handlers[i];
            if (handler.Kind == HandlerKind.Close) continue;
            for (int j = 0; j < i; j++)
            {
                if (handlers[j].Kind != handler.Kind || !handlers[j].HasSameInput(handler)) continue;
                if (handler.Kind == HandlerKind.Record)
                    Report(DetectorRules.DuplicateHandler, where.Find(i, -1), handlers[j].Name, handler.Name, type.Name, handler.Input!.FullName);
                else
                    Report(DetectorRules.BadLate, where.Find(i, -1), handler.Name, $"takes '{handler.Input!.FullName}', as '{handlers[j].Name}' does", "make them one");
                break;
            }

            if (handler.Kind == HandlerKind.Late && !handlers.Any(other => other.Kind == HandlerKind.Record && other.Window is not null && other.HasSameInput(handler)))
                Report(DetectorRules.BadLate, where.Find(i, -1), handler.Name, $"takes '{handler.Input!.FullName}', which no windowed handler of the detector takes under the same key, so nothing can be late for it", "add a handler with [Tumbling] for it, or remove this one");
        }
    }

    private static bool IsName(string name)
    {
        if (name.Length is 0 or > 100 || name is "." or "..") return false;
        foreach (char letter in name)
        {
            if (!(letter is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '.' or '_' or '-')) return false;
        }

        return true;
    }

    private Location ArgumentPlace(int index, Location otherwise) =>
        AttributeSyntax()?.ArgumentList?.Arguments is { } arguments && index < arguments.Count ? arguments[index].GetLocation() : otherwise;

    private Location NamedPlace(string name, Location otherwise) =>
        AttributeSyntax()?.ArgumentList?.Arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.Text == name)?.GetLocation() ?? otherwise;

    private AttributeSyntax? AttributeSyntax() => attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax;

    private void Report(DiagnosticDescriptor rule, Location place, params object[] arguments) =>
        diagnostics.Add(Diagnostic.Create(rule, place, arguments));
}
