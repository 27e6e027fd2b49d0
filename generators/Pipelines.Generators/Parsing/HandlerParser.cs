using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads one method of a detector: a handler, or a helper that is left alone.</summary>
internal sealed class HandlerParser(INamedTypeSymbol detector, IMethodSymbol method, List<Diagnostic> diagnostics)
{
    private AttributeData? tumbling;
    private AttributeData? unsupported;
    private HandlerKind kind = HandlerKind.Record;
    private bool hasHandlerAttribute;

    public static HandlerLocations LocationsOf(IMethodSymbol method)
    {
        var parameters = ImmutableArray.CreateBuilder<Location>(method.Parameters.Length);
        foreach (IParameterSymbol parameter in method.Parameters) parameters.Add(PlaceOf(parameter));
        return new HandlerLocations(PlaceOf(method), parameters.MoveToImmutable());
    }

    /// <summary>The handler's model; null for a helper, or when the method is too wrong to be one.</summary>
    public HandlerModel? Parse()
    {
        ReadAttributes();
        if (!hasHandlerAttribute && !LooksLikeHandler()) return null;
        if (method.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
        {
            if (hasHandlerAttribute) Report(DetectorRules.HandlerIsNotAccessible, PlaceOf(method), method.Name, AccessWord());
            return null;
        }

        if (unsupported is not null)
        {
            Report(DetectorRules.NotInThisVersion, PlaceOf(unsupported, method), $"[{KnownTypes.ShortName(unsupported)}]", method.Name, "use [Tumbling] windows and [OnClose], or leave the handler out");
            return null;
        }

        if (!CheckSignature()) return null;
        WindowModel? window = ReadWindow();
        var parameters = new ParameterParser(method, kind, diagnostics);
        if (!parameters.TryParse(out RecordReference? input, out EquatableArray<KeyMember> keyBy, out EquatableArray<ParameterModel> models)) return null;
        if (kind == HandlerKind.Record) CheckWindow(models);
        return new HandlerModel(method.Name, kind, input, keyBy, window, models);
    }

    private void ReadAttributes()
    {
        foreach (AttributeData data in method.GetAttributes())
        {
            switch (KnownTypes.ShortName(data))
            {
                case "Tumbling" when KnownTypes.IsInPipelines(data.AttributeClass!):
                    tumbling = data;
                    break;
                case "OnClose" when KnownTypes.IsInPipelines(data.AttributeClass!):
                    kind = HandlerKind.Close;
                    break;
                case "OnLate" when KnownTypes.IsInPipelines(data.AttributeClass!):
                    kind = HandlerKind.Late;
                    break;
                case "Session" or "Hopping" or "Sliding" or "Removed" or "Every" or "OnTimer":
                    unsupported = data;
                    break;
                default:
                    continue;
            }

            hasHandlerAttribute = true;
        }
    }

    /// <summary>A helper is left alone; what asks for anything that only a handler is given is no helper.</summary>
    private bool LooksLikeHandler()
    {
        if (method.Parameters.Length == 0) return false;
        bool takesRef = false;
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (ParameterParser.IsMarker(parameter.Type)) return method.DeclaredAccessibility is not (Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal);
            if (KnownTypes.Find(parameter, "KeyByAttribute") is not null) return hasHandlerAttribute = true;
            takesRef |= parameter.RefKind == RefKind.Ref;
        }

        IParameterSymbol first = method.Parameters[0];
        bool isRecord = RecordReferenceParser.IsRecord(first.Type);
        return first.RefKind == RefKind.In ? isRecord || takesRef : isRecord && (takesRef || IsAwaitable());
    }

    private bool CheckSignature()
    {
        if (method.IsAsync || IsAwaitable())
        {
            Report(DetectorRules.NotInThisVersion, PlaceOf(method), "An asynchronous handler", method.Name, "do the work synchronously, and return void");
            return false;
        }

        if (!method.ReturnsVoid)
        {
            Report(DetectorRules.HandlerSignature, PlaceOf(method), method.Name, $"returns '{method.ReturnType.ToDisplayString(KnownTypes.Words)}', which nobody would take", "return void and send results with Emit<T>, or make the method private if it is a helper");
            return false;
        }

        if (method.IsGenericMethod)
        {
            Report(DetectorRules.HandlerSignature, PlaceOf(method), method.Name, "is generic, and nothing says for which types it is called", "write one handler per record type");
            return false;
        }

        if (method.IsStatic && !detector.IsStatic)
        {
            Report(DetectorRules.StaticMismatch, PlaceOf(method), method.Name, detector.Name);
            return false;
        }

        return true;
    }

    private WindowModel? ReadWindow()
    {
        if (tumbling is null) return null;
        if (kind != HandlerKind.Record)
        {
            string rule = kind == HandlerKind.Close ? "OnClose" : "OnLate";
            Report(kind == HandlerKind.Close ? DetectorRules.BadClose : DetectorRules.BadLate, PlaceOf(tumbling, method), method.Name, "has [Tumbling] of its own", $"put [Tumbling] on the handler that keeps the state: [{rule}] takes the window from it");
            return null;
        }

        string? size = tumbling.ConstructorArguments.Length > 0 ? tumbling.ConstructorArguments[0].Value as string : null;
        if (!Duration.TryParse(size, allowZero: false, out long sizeMs, out string problem))
            Report(DetectorRules.BadDuration, PlaceOf(tumbling, method), size ?? "", "a window's size", problem);
        long graceMs = 0;
        foreach (KeyValuePair<string, TypedConstant> argument in tumbling.NamedArguments)
        {
            if (argument.Key == "Grace" && !Duration.TryParse(argument.Value.Value as string, allowZero: true, out graceMs, out problem))
                Report(DetectorRules.BadDuration, PlaceOf(tumbling, method), argument.Value.Value as string ?? "", "a window's grace", problem);
        }

        return new WindowModel(sizeMs, graceMs);
    }

    private void CheckWindow(EquatableArray<ParameterModel> parameters)
    {
        bool hasState = parameters.Any(static parameter => parameter.Kind == ParameterKind.State);
        bool takesWindow = parameters.Any(static parameter => parameter.Kind == ParameterKind.Window);
        if (tumbling is not null && !hasState) Report(DetectorRules.TumblingWithoutState, PlaceOf(method), method.Name);
        if (tumbling is null && takesWindow) Report(DetectorRules.WindowWithoutTumbling, PlaceOf(method), method.Name);
    }

    private bool IsAwaitable() => method.ReturnType.Name is "Task" or "ValueTask"
        && method.ReturnType.ContainingNamespace?.ToDisplayString() == "System.Threading.Tasks";

    private string AccessWord() => method.DeclaredAccessibility switch
    {
        Accessibility.Private => "private",
        Accessibility.Protected => "protected",
        _ => "private protected",
    };

    private static Location PlaceOf(ISymbol symbol) => symbol.Locations.Length > 0 ? symbol.Locations[0] : Location.None;

    private static Location PlaceOf(AttributeData data, ISymbol otherwise) =>
        data.ApplicationSyntaxReference?.GetSyntax() is AttributeSyntax syntax ? syntax.GetLocation() : PlaceOf(otherwise);

    private void Report(DiagnosticDescriptor rule, Location place, params object[] arguments) =>
        diagnostics.Add(Diagnostic.Create(rule, place, arguments));
}
