using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Finds the types that a declaration needs codecs for.</summary>
internal static class UsedTypesParser
{
    public static UsedTypes OfRecord(INamedTypeSymbol type)
    {
        var types = new List<CodedType>();
        CodedTypeParser.AddRecord(type, types);
        return new UsedTypes(types.ToEquatableArray(), EquatableArray<StateType>.Empty);
    }

    /// <summary>The wires and states of a detector; its topics and tables are found by their attributes.</summary>
    public static UsedTypes OfDetector(INamedTypeSymbol detector)
    {
        var types = new List<CodedType>();
        var states = new List<StateType>();
        foreach (ISymbol member in detector.GetMembers())
        {
            if (member is not IMethodSymbol { MethodKind: MethodKind.Ordinary } method) continue;
            foreach (IParameterSymbol parameter in method.Parameters)
            {
                if (parameter.RefKind == RefKind.Ref)
                {
                    if (StateTypeParser.Parse(parameter.Type, types) is { } state) states.Add(state);
                }
                else if (RecordOf(parameter) is { } record)
                {
                    CodedTypeParser.AddRecord(record, types);
                }
            }
        }

        return new UsedTypes(types.ToEquatableArray(), states.ToEquatableArray());
    }

    private static INamedTypeSymbol? RecordOf(IParameterSymbol parameter)
    {
        ITypeSymbol type = parameter.Type;
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable) type = nullable.TypeArguments[0];
        if (type is INamedTypeSymbol { Name: "Emit", TypeArguments.Length: 1 } emit && KnownTypes.IsInPipelines(emit)) type = emit.TypeArguments[0];
        return type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsRecord: true } record && !KnownTypes.IsInPipelines(record) ? record : null;
    }
}
