using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads of a record type what wiring needs: where it lives and what its key is.</summary>
internal static class RecordReferenceParser
{
    /// <summary>True when the type is meant as a record: it crosses the broker, is a record struct, or has its codec already.</summary>
    public static bool IsRecord(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsTupleType: false } named
        && !KnownTypes.IsInPipelines(named)
        && (named.IsRecord || KnownTypes.Find(named, "TopicAttribute") is not null || KnownTypes.Find(named, "TableAttribute") is not null || HasCodec(named));

    public static bool IsTable(ITypeSymbol type) => KnownTypes.Find(type, "TableAttribute") is not null;

    public static RecordReference Parse(INamedTypeSymbol type)
    {
        AttributeData? topic = KnownTypes.Find(type, "TopicAttribute");
        AttributeData? table = topic is null ? KnownTypes.Find(type, "TableAttribute") : null;
        AttributeData? crossing = topic ?? table;
        RecordPlace place = topic is not null ? RecordPlace.Topic : table is not null ? RecordPlace.Table : RecordPlace.Wire;
        string format = CodedTypeParser.FormatOf(crossing);
        List<CodedMember> members = [.. CodedTypeParser.Members(type)];
        return new RecordReference(
            type.ToDisplayString(KnownTypes.Global),
            type.ToDisplayString(KnownTypes.Words),
            type.Name,
            place,
            CodedTypeParser.TopicOf(crossing),
            format,
            Fingerprint.Of(place.ToString(), format, members, type),
            members.ToEquatableArray());
    }

    /// <summary>A member as part of a key.</summary>
    public static KeyMember KeyOf(CodedMember member) => new(member.Name, member.Shape);

    private static bool HasCodec(INamedTypeSymbol type)
    {
        foreach (INamedTypeSymbol contract in type.Interfaces)
        {
            if (KnownTypes.Is(contract, "IRecord")) return true;
        }

        return false;
    }
}
