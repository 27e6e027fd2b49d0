using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>Reads of a state type what a store needs to know: the codec's name and the fingerprint.</summary>
internal static class StateReferenceParser
{
    public static StateReference Parse(ITypeSymbol type) => new(
        type.ToDisplayString(KnownTypes.Global),
        type.ToDisplayString(KnownTypes.Words),
        "global::Pipelines.Generated." + StateTypeParser.CodecNameOf(type),
        FingerprintOf(type));

    private static string FingerprintOf(ITypeSymbol type) => type is INamedTypeSymbol named && ShapeParser.IsNested(named)
        ? Fingerprint.Of("State", "MessagePack", [.. CodedTypeParser.Members(named)], named)
        : Fingerprint.Hash("State|" + type.ToDisplayString(KnownTypes.Words));
}
