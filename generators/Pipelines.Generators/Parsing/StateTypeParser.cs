using System.Text;
using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads the types of states.</summary>
internal static class StateTypeParser
{
    /// <summary>The struct that writes and reads states of a type, in namespace <c>Pipelines.Generated</c>.</summary>
    public static string CodecNameOf(ITypeSymbol type)
    {
        var name = new StringBuilder("StateCodec_");
        foreach (char letter in type.ToDisplayString(KnownTypes.Words))
        {
            if (char.IsLetterOrDigit(letter)) name.Append(letter);
            else if (letter == '.') name.Append('_');
            // A.B_C and A_B.C are two types.
            else name.Append('_').Append(((int)letter).ToString("x", System.Globalization.CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }

    /// <summary>True when a state of the type can be logged and undone: no arrays, lists or borrowed text, whose contents a copy would share.</summary>
    public static bool IsSupported(ITypeSymbol type) => IsSupported(ShapeParser.Parse(type), type, depth: 0);

    /// <summary>What keeps the type from being state, or null.</summary>
    public static string? WhyUnsupported(ITypeSymbol type)
    {
        ITypeSymbol inner = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
        if (!IsSupported(type))
            return ShapeParser.Parse(inner).Kind == ShapeKind.Unsupported ? "has no codec" : "holds an array, a list, borrowed text or a type without a codec, which a copy would share or lose";
        if (!ShapeParser.IsNested(inner)) return null;
        var named = (INamedTypeSymbol)inner;
        if (CodedTypeParser.MustBePartial(named)) return "is not partial, so no codec can be added to it";
        if (CodedParts.LostMember(named) is { } lost) return $"has '{lost}', which cannot be set, so a restart would lose it";
        return CodedParts.ProblemOf(named);
    }

    /// <summary>The state's type and the structs that it is made of.</summary>
    public static StateType? Parse(ITypeSymbol type, List<CodedType> structs)
    {
        if (!IsSupported(type)) return null;
        ITypeSymbol inner = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
        if (ShapeParser.IsNested(inner)) CodedTypeParser.AddStruct((INamedTypeSymbol)inner, structs);
        return new StateType(CodecNameOf(type), ShapeParser.Parse(type));
    }

    private static bool IsSupported(Shape shape, ITypeSymbol type, int depth)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Enum:
                return true;
            case ShapeKind.Plain:
                return shape.DisplayName is not ("byte[]" or "Pipelines.Text");
            case ShapeKind.Nullable:
                return IsSupported(shape.Element!, type is INamedTypeSymbol { IsGenericType: true } nullable ? nullable.TypeArguments[0] : type, depth);
            case ShapeKind.Nested when type is INamedTypeSymbol named && depth < 16:
                foreach (ISymbol member in named.GetMembers())
                {
                    ITypeSymbol? memberType = member switch
                    {
                        IPropertySymbol { IsStatic: false } property when property.SetMethod is not null => property.Type,
                        IFieldSymbol { IsStatic: false, AssociatedSymbol: null } field => field.Type,
                        _ => null,
                    };
                    if (memberType is not null && !IsSupported(ShapeParser.Parse(memberType), memberType, depth + 1)) return false;
                }

                return true;
            default:
                return false;
        }
    }
}
