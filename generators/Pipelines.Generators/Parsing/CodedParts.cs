using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Finds the structs that a coded struct is made of, and what keeps one of them from having a codec.</summary>
internal static class CodedParts
{
    /// <summary>Static methods that a codec adds to a struct.</summary>
    private static readonly string[] CodecNames = ["WriteMessagePack", "ReadMessagePack", "WriteJson", "ReadJson"];

    /// <summary>The structs in the members of <paramref name="type"/>, also those inside of arrays and lists.</summary>
    public static IEnumerable<INamedTypeSymbol> Of(INamedTypeSymbol type)
    {
        foreach ((_, ITypeSymbol memberType) in CodedTypeParser.MembersWithTypes(type))
        {
            if (In(memberType) is { } part) yield return part;
        }
    }

    /// <summary>The struct that a member's type is or holds, or null.</summary>
    public static INamedTypeSymbol? In(ITypeSymbol type)
    {
        while (true)
        {
            switch (type)
            {
                case IArrayTypeSymbol array:
                    type = array.ElementType;
                    break;
                case INamedTypeSymbol { IsGenericType: true, TypeArguments.Length: 1 } generic:
                    type = generic.TypeArguments[0];
                    break;
                default:
                    return type is INamedTypeSymbol named && ShapeParser.IsNested(named) ? named : null;
            }
        }
    }

    /// <summary>Why a member of this type cannot be written, as the words after the member's name; null when it can.</summary>
    public static string? ProblemOf(ITypeSymbol memberType)
    {
        Shape shape = ShapeParser.Parse(memberType);
        if (shape.Kind == ShapeKind.Unsupported) return $"has type '{shape.DisplayName}', which cannot be written";
        return In(memberType) is { } part && ProblemOfPart(part, new HashSet<ISymbol>(SymbolEqualityComparer.Default)) is { } problem ? $"holds {problem}" : null;
    }

    /// <summary>A name among a type's own members that its codec needs, or null.</summary>
    public static string? TakenName(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.IsEmpty ? null : CodecNames.FirstOrDefault(name => type.Name == name || !type.GetMembers(name).IsEmpty);

    /// <summary>Why the parts of <paramref name="type"/> cannot all be written, or null.</summary>
    public static string? ProblemOfParts(INamedTypeSymbol type) => ProblemOfParts(type, new HashSet<ISymbol>(SymbolEqualityComparer.Default) { type });

    private static string? ProblemOfPart(INamedTypeSymbol part, HashSet<ISymbol> seen)
    {
        if (!seen.Add(part)) return null;
        if (part.DeclaringSyntaxReferences.IsEmpty)
            return part.GetMembers("ReadMessagePack").IsEmpty ? $"'{part.Name}', a struct of another assembly that has no codec there" : null;
        if (CodedTypeParser.MustBePartial(part)) return $"'{part.Name}', a struct that is not partial, or inside a type that is not";
        if (TakenName(part) is { } taken) return $"'{part.Name}', a struct with a member '{taken}', which is what a method of its codec is called";
        if (LostMember(part) is { } lost) return $"'{part.Name}', a struct whose '{lost}' cannot be set, so it would be lost (let it be set, or make it a parameter of a record struct)";
        return ProblemOfParts(part, seen);
    }

    private static string? ProblemOfParts(INamedTypeSymbol type, HashSet<ISymbol> seen)
    {
        foreach ((CodedMember member, ITypeSymbol memberType) in CodedTypeParser.MembersWithTypes(type))
        {
            if (member.Shape.Kind == ShapeKind.Unsupported) return $"'{type.Name}', whose member '{member.Name}' of type '{member.Shape.DisplayName}' cannot be written";
            if (In(memberType) is { } part && ProblemOfPart(part, seen) is { } problem) return problem;
        }

        return null;
    }

    /// <summary>A field that only a constructor of the user's own can set: reading could not bring it back.</summary>
    /// <remarks>What a record struct derives from its parameters comes back by itself.</remarks>
    public static string? LostMember(INamedTypeSymbol type)
    {
        if (type.DeclaringSyntaxReferences.Any(static reference => reference.GetSyntax() is RecordDeclarationSyntax { ParameterList: not null })) return null;
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>())
        {
            if (field is { IsStatic: false, IsReadOnly: true } && field.AssociatedSymbol is null or IPropertySymbol { SetMethod: null }) return field.AssociatedSymbol?.Name ?? field.Name;
        }

        return null;
    }
}
