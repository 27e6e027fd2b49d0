using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads of a record type what wiring needs: where it lives and what its key is.</summary>
internal static class RecordReferenceParser
{
    /// <summary>True when the type is meant as a record: it crosses the broker, is a record struct, or has its codec already.</summary>
    public static bool IsRecord(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsTupleType: false } named
        && (named.IsRecord || KnownTypes.Find(named, "TopicAttribute") is not null || KnownTypes.Find(named, "TableAttribute") is not null || HasCodec(named));

    public static bool IsTable(ITypeSymbol type) => KnownTypes.Find(type, "TableAttribute") is not null;

    public static RecordReference Parse(INamedTypeSymbol type)
    {
        AttributeData? topic = KnownTypes.Find(type, "TopicAttribute");
        AttributeData? table = topic is null ? KnownTypes.Find(type, "TableAttribute") : null;
        AttributeData? crossing = topic ?? table;
        var key = new List<KeyMember>();
        bool hasEventTime = false;
        foreach ((ISymbol member, ITypeSymbol memberType) in Members(type))
        {
            if (KnownTypes.Find(member, "KeyAttribute") is not null) key.Add(KeyOf(member.Name, memberType));
            if (KnownTypes.Find(member, "EventTimeAttribute") is not null) hasEventTime = true;
        }

        return new RecordReference(
            type.ToDisplayString(KnownTypes.Global),
            type.ToDisplayString(KnownTypes.Words),
            type.Name,
            topic is not null ? RecordPlace.Topic : table is not null ? RecordPlace.Table : RecordPlace.Wire,
            crossing?.ConstructorArguments.Length > 0 ? crossing.ConstructorArguments[0].Value as string ?? "" : "",
            crossing is not null && IsText(crossing),
            hasEventTime,
            key.ToEquatableArray());
    }

    public static KeyMember KeyOf(string name, ITypeSymbol type) =>
        new(name, type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(KnownTypes.Global), type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(KnownTypes.Words), ShapeParser.Parse(type));

    /// <summary>The member of that name, or null.</summary>
    public static ITypeSymbol? FindMember(INamedTypeSymbol type, string name)
    {
        foreach (ISymbol member in type.GetMembers(name))
        {
            if (member is IPropertySymbol { IsStatic: false, Parameters.Length: 0 } property) return property.Type;
        }

        return null;
    }

    /// <summary>What can carry [Key] and [EventTime]: the parameters of the record's own constructor, then properties.</summary>
    private static IEnumerable<(ISymbol Member, ITypeSymbol Type)> Members(INamedTypeSymbol type)
    {
        foreach (IMethodSymbol constructor in type.InstanceConstructors)
        {
            if (constructor.Parameters.Length == 0 || !IsPrimary(type, constructor)) continue;
            foreach (IParameterSymbol parameter in constructor.Parameters) yield return (parameter, parameter.Type);
            break;
        }

        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IPropertySymbol { IsStatic: false } property) yield return (property, property.Type);
        }
    }

    /// <summary>True when every parameter has the name of a property: metadata does not say which constructor is the record's own.</summary>
    private static bool IsPrimary(INamedTypeSymbol type, IMethodSymbol constructor)
    {
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            if (FindMember(type, parameter.Name) is null) return false;
        }

        return true;
    }

    private static bool IsText(AttributeData crossing)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in crossing.NamedArguments)
        {
            if (argument.Key == "Format") return argument.Value.Value is 2;
        }

        return false;
    }

    private static bool HasCodec(INamedTypeSymbol type)
    {
        foreach (INamedTypeSymbol contract in type.Interfaces)
        {
            if (KnownTypes.Is(contract, "IRecord")) return true;
        }

        return false;
    }
}
