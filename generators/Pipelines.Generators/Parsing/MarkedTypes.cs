using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Pipelines.Generators.Parsing;

/// <summary>Finds the types that an attribute of ours marks, and parses each again only when a declaration has changed somewhere.</summary>
/// <remarks>
/// <c>ForAttributeWithMetadataName</c> binds every marked type on every keystroke, also when its file is untouched. Here what was parsed is kept by the
/// type's syntax, together with the <see cref="DeclarationFingerprint"/> that it was parsed under. A type with parts in several files is never kept: what is
/// parsed may point into the other file.
/// </remarks>
internal sealed class MarkedTypes<T>(string[] attributes, Func<INamedTypeSymbol, AttributeData, TypeDeclarationSyntax, CancellationToken, T> parse)
    where T : class
{
    private readonly ConditionalWeakTable<SyntaxNode, Known> known = new();

    public IncrementalValuesProvider<T> In(IncrementalGeneratorInitializationContext context) => context.SyntaxProvider
        .CreateSyntaxProvider(static (node, _) => node is TypeDeclarationSyntax { AttributeLists.Count: > 0 }, Find)
        .Where(static found => found is not null)
        .Select(static (found, _) => found!);

    private T? Find(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        SemanticModel semantics = context.SemanticModel;
        ulong fingerprint = DeclarationFingerprint.Of(semantics.Compilation);
        if (known.TryGetValue(context.Node, out Known? kept) && kept.Fingerprint == fingerprint) return kept.Value;

        var node = (TypeDeclarationSyntax)context.Node;
        if (semantics.GetDeclaredSymbol(node, cancellation) is not INamedTypeSymbol type) return null;
        T? value = Mark(type, node) is { } mark ? parse(type, mark, node, cancellation) : null;
        known.Remove(node);
        if (type.DeclaringSyntaxReferences.Length == 1) known.Add(node, new Known(fingerprint, value));
        return value;
    }

    /// <summary>The attribute, if it stands on this part of the type.</summary>
    private AttributeData? Mark(INamedTypeSymbol type, TypeDeclarationSyntax node)
    {
        foreach (string attribute in attributes)
        {
            if (KnownTypes.Find(type, attribute) is { ApplicationSyntaxReference: { } place } mark && place.SyntaxTree == node.SyntaxTree && node.Span.Contains(place.Span))
                return mark;
        }

        return null;
    }

    private sealed class Known(ulong fingerprint, T? value)
    {
        public ulong Fingerprint { get; } = fingerprint;

        public T? Value { get; } = value;
    }
}
