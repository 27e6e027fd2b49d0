using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads the parameters of a handler: each says what it asks for by its type and how it is passed.</summary>
internal sealed class ParameterParser(IMethodSymbol method, HandlerKind kind, List<Diagnostic> diagnostics)
{
    private readonly List<ParameterModel> models = new();
    private readonly int errorsBefore = diagnostics.Count;
    private RecordReference? input;
    private EquatableArray<KeyMember> keyBy = EquatableArray<KeyMember>.Empty;

    /// <summary>True for a type that only handlers are given.</summary>
    public static bool IsMarker(ITypeSymbol type) => type.Name switch
    {
        "Emit" or "Window" or "RecordInfo" or "DetectorClock" => KnownTypes.IsInPipelines(type),
        "Timers" => type.TypeKind == TypeKind.Error || KnownTypes.IsInPipelines(type),
        _ => false,
    };

    /// <summary>Reads all parameters.</summary>
    /// <returns>False when one cannot be given; what is wrong has been reported.</returns>
    public bool TryParse(out RecordReference? input, out EquatableArray<KeyMember> keyBy, out EquatableArray<ParameterModel> parameters)
    {
        for (int i = 0; i < method.Parameters.Length && (i < 1 || kind == HandlerKind.Close || this.input is not null); i++)
            Read(method.Parameters[i], isFirst: i == 0 && kind != HandlerKind.Close);
        if (kind != HandlerKind.Close && method.Parameters.Length == 0)
            Report(DetectorRules.HandlerSignature, method, method.Name, "takes no record, so nothing calls it", "give it a first parameter 'in SomeRecord record'");
        input = this.input;
        keyBy = this.keyBy;
        parameters = models.ToEquatableArray();
        return diagnostics.Count == errorsBefore;
    }

    private void Read(IParameterSymbol parameter, bool isFirst)
    {
        ITypeSymbol type = parameter.Type;
        if (Unsupported(parameter) is { } feature)
        {
            Report(DetectorRules.NotInThisVersion, parameter, feature, method.Name, "use 'ref' state of a struct, [Tumbling] windows and [Table] look-ups");
        }
        else if (parameter.RefKind is RefKind.Out || parameter.IsParams || type.IsRefLikeType || type.TypeKind is TypeKind.Pointer)
        {
            ReportUnsupported(parameter);
        }
        else if (isFirst)
        {
            ReadInput(parameter);
        }
        else if (KnownTypes.Is(type, "Emit"))
        {
            ReadEmit(parameter);
        }
        else if (IsMarker(type))
        {
            ReadMarker(parameter);
        }
        else if (kind == HandlerKind.Close)
        {
            ReadClosing(parameter);
        }
        else if (parameter.RefKind == RefKind.Ref && kind == HandlerKind.Record)
        {
            ReadState(parameter);
        }
        else
        {
            ReadLookup(parameter);
        }
    }

    private void ReadInput(IParameterSymbol parameter)
    {
        if (parameter.Type is not INamedTypeSymbol type || !RecordReferenceParser.IsRecord(type))
        {
            Report(DetectorRules.UnknownRecord, parameter, method.Name, parameter.Type.ToDisplayString(KnownTypes.Words));
            return;
        }

        if (parameter.RefKind != RefKind.In)
        {
            ReportPassing(parameter, "would copy every record or let it be changed", $"in {type.Name} {parameter.Name}");
            return;
        }

        CheckWire(parameter, type);
        input = RecordReferenceParser.Parse(type);
        if (KnownTypes.Find(parameter, "KeyByAttribute") is { } attribute) keyBy = KeyByParser.Parse(method, parameter, input, attribute, diagnostics);
        Add(ParameterKind.Record, parameter);
    }

    private void ReadEmit(IParameterSymbol parameter)
    {
        ITypeSymbol argument = ((INamedTypeSymbol)parameter.Type).TypeArguments[0];
        if (argument is not INamedTypeSymbol type || !RecordReferenceParser.IsRecord(type))
        {
            Report(DetectorRules.EmitIsNotRecord, parameter, method.Name, argument.ToDisplayString(KnownTypes.Words));
            return;
        }

        CheckWire(parameter, type);
        if (CheckPassing(parameter, $"Emit<{type.Name}> {parameter.Name}")) Add(ParameterKind.Emit, parameter, RecordReferenceParser.Parse(type));
    }

    /// <summary>A topic's or table's shape is checked where it is declared; a wire is known by its use only.</summary>
    private void CheckWire(IParameterSymbol parameter, INamedTypeSymbol type)
    {
        if (KnownTypes.Find(type, "TopicAttribute") is not null || KnownTypes.Find(type, "TableAttribute") is not null) return;
        foreach ((DiagnosticDescriptor rule, object[] arguments) in RecordShape.Problems(type)) Report(rule, parameter, arguments);
    }

    private void ReadMarker(IParameterSymbol parameter)
    {
        ParameterKind asked = parameter.Type.Name switch { "Window" => ParameterKind.Window, "RecordInfo" => ParameterKind.Info, _ => ParameterKind.Clock };
        if (asked == ParameterKind.Info && kind == HandlerKind.Close) ReportUnsupported(parameter);
        else if (CheckPassing(parameter, $"in {parameter.Type.Name} {parameter.Name}")) Add(asked, parameter);
    }

    /// <summary>Of [OnClose]: <c>in T</c> is a store's state, by value is a member of the key; which ones is known when stores are.</summary>
    private void ReadClosing(IParameterSymbol parameter)
    {
        if (parameter.RefKind == RefKind.In)
            Add(ParameterKind.ClosedState, parameter, state: StateReferenceParser.Parse(parameter.Type));
        else if (parameter.RefKind == RefKind.None)
            Add(ParameterKind.Key, parameter);
        else
            ReportPassing(parameter, "would let a window change that has closed", $"in {parameter.Type.ToDisplayString(KnownTypes.Words)} {parameter.Name}");
    }

    private void ReadState(IParameterSymbol parameter)
    {
        if (StateTypeParser.WhyUnsupported(parameter.Type) is { } reason)
            Report(DetectorRules.UnsupportedState, parameter, parameter.Name, method.Name, parameter.Type.ToDisplayString(KnownTypes.Words), reason);
        else
            Add(ParameterKind.State, parameter, state: StateReferenceParser.Parse(parameter.Type));
    }

    private void ReadLookup(IParameterSymbol parameter)
    {
        ITypeSymbol type = parameter.Type;
        bool isNullable = type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T;
        if (isNullable) type = ((INamedTypeSymbol)type).TypeArguments[0];
        if (kind != HandlerKind.Record || type is not INamedTypeSymbol row || !RecordReferenceParser.IsTable(row))
        {
            ReportUnsupported(parameter);
            return;
        }

        if (parameter.RefKind != RefKind.In)
        {
            ReportPassing(parameter, "would copy the row", $"in {row.Name}{(isNullable ? "?" : "")} {parameter.Name}");
            return;
        }

        models.Add(new ParameterModel(ParameterKind.Lookup, parameter.Name, row.ToDisplayString(KnownTypes.Global), IsIn: true, isNullable, RecordReferenceParser.Parse(row), State: null));
    }

    /// <summary>What a feature that is to come is called, or null.</summary>
    private static string? Unsupported(IParameterSymbol parameter)
    {
        foreach (AttributeData data in parameter.GetAttributes())
        {
            if (KnownTypes.ShortName(data) == "Within") return "[Within]";
        }

        if (parameter.Type.Name == "Timers" && IsMarker(parameter.Type)) return "Timers";
        if (parameter.Type is INamedTypeSymbol { Arity: > 0, Name: "Map" or "Set" or "List" or "Dictionary" or "HashSet" } named) return $"State of type {named.Name}";
        return null;
    }

    private bool CheckPassing(IParameterSymbol parameter, string remedy)
    {
        if (parameter.RefKind is RefKind.None or RefKind.In) return true;
        ReportPassing(parameter, "would let the handler replace what it is given", remedy);
        return false;
    }

    private void Add(ParameterKind asked, IParameterSymbol parameter, RecordReference? record = null, StateReference? state = null) =>
        models.Add(new ParameterModel(
            asked,
            parameter.Name,
            parameter.Type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(KnownTypes.Global),
            parameter.RefKind == RefKind.In,
            IsNullable: false,
            record,
            state));

    private void ReportUnsupported(IParameterSymbol parameter) => Report(
        DetectorRules.UnsupportedParameter,
        parameter,
        parameter.Name,
        method.Name,
        parameter.Type.ToDisplayString(KnownTypes.Words),
        kind switch
        {
            HandlerKind.Close => "key members by value, 'in Window', 'in T' of a store by its name, Emit<T>, DetectorClock",
            HandlerKind.Late => "the record, 'in Window', Emit<T>, 'in RecordInfo', DetectorClock",
            _ => "'ref T' state, Emit<T>, 'in Window', 'in RecordInfo', DetectorClock, or a [Table] record by 'in'",
        });

    private void ReportPassing(IParameterSymbol parameter, string why, string remedy)
    {
        string how = parameter.RefKind switch { RefKind.Ref => "by 'ref'", RefKind.Out => "by 'out'", RefKind.RefReadOnlyParameter => "by 'ref readonly'", RefKind.In => "by 'in'", _ => "by value" };
        Report(DetectorRules.ParameterPassing, parameter, parameter.Name, method.Name, how, why, remedy);
    }

    private void Report(DiagnosticDescriptor rule, ISymbol at, params object[] arguments)
    {
        Location place = at.Locations.Length > 0 ? at.Locations[0] : Location.None;
        diagnostics.Add(Diagnostic.Create(rule, place, arguments));
    }
}
