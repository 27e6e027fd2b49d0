using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Finds out how a member's type is written.</summary>
internal static class ShapeParser
{
    public static Shape Parse(ITypeSymbol type)
    {
        if (type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated)
        {
            Shape inner = Parse(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));
            return inner.Kind == ShapeKind.Unsupported ? inner : Make(ShapeKind.Nullable, type, element: inner);
        }

        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            Shape inner = Parse(nullable.TypeArguments[0]);
            return inner.Kind == ShapeKind.Unsupported ? inner : Make(ShapeKind.Nullable, type, element: inner);
        }

        if (IsPlain(type)) return Make(ShapeKind.Plain, type);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Enum } named)
            return Make(ShapeKind.Enum, type, underlying: named.EnumUnderlyingType!.ToDisplayString(KnownTypes.Global));
        if (type is IArrayTypeSymbol { Rank: 1 } array) return Holder(ShapeKind.Array, type, array.ElementType);
        if (type is INamedTypeSymbol { IsGenericType: true, TypeArguments.Length: 1 } generic && KindOfList(generic) is { } list)
            return Holder(list, type, generic.TypeArguments[0]);
        return IsNested(type) ? Make(ShapeKind.Nested, type) : Make(ShapeKind.Unsupported, type);
    }

    /// <summary>True for a struct of the user's own that gets a codec.</summary>
    public static bool IsNested(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsTupleType: false, IsGenericType: false, SpecialType: SpecialType.None } named
        && !IsPlain(named)
        && !(named.ContainingNamespace?.ToDisplayString() ?? "").StartsWith("System", StringComparison.Ordinal)
        && !KnownTypes.IsInPipelines(named);

    private static Shape Holder(ShapeKind kind, ITypeSymbol type, ITypeSymbol element)
    {
        Shape inner = Parse(element);
        return inner.Kind == ShapeKind.Unsupported ? inner : Make(kind, type, element: inner);
    }

    private static Shape Make(ShapeKind kind, ITypeSymbol type, string underlying = "", Shape? element = null) => new(
        kind,
        type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(KnownTypes.Global.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier)),
        type.ToDisplayString(KnownTypes.Words.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier)),
        underlying,
        element,
        type.IsReferenceType);

    private static ShapeKind? KindOfList(INamedTypeSymbol type)
    {
        string space = type.ContainingNamespace.ToDisplayString();
        return (space, type.Name) switch
        {
            ("System.Collections.Generic", "List") => ShapeKind.List,
            ("System.Collections.Generic", "IReadOnlyList" or "IReadOnlyCollection" or "IEnumerable") => ShapeKind.ReadOnlyList,
            ("System.Collections.Immutable", "ImmutableArray") => ShapeKind.ImmutableArray,
            _ => null,
        };
    }

    private static bool IsPlain(ITypeSymbol type)
    {
        switch (type.SpecialType)
        {
            case SpecialType.System_Boolean:
            case SpecialType.System_Byte:
            case SpecialType.System_SByte:
            case SpecialType.System_Int16:
            case SpecialType.System_UInt16:
            case SpecialType.System_Int32:
            case SpecialType.System_UInt32:
            case SpecialType.System_Int64:
            case SpecialType.System_UInt64:
            case SpecialType.System_Single:
            case SpecialType.System_Double:
            case SpecialType.System_Decimal:
            case SpecialType.System_Char:
            case SpecialType.System_String:
                return true;
        }

        if (type is IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte }) return true;
        if (KnownTypes.Is(type, "Text")) return true;
        return type.ContainingNamespace is { Name: "System", ContainingNamespace.IsGlobalNamespace: true }
            && type.Name is "Guid" or "DateTimeOffset" or "DateOnly" or "TimeSpan";
    }
}
