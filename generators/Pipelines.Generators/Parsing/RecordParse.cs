using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>What came of one [Topic] or [Table] type: what codecs it needs, and what is wrong with it.</summary>
/// <remarks>Never equal to another: only <see cref="Used"/> goes on to steps that are cached.</remarks>
internal sealed class RecordParse(UsedTypes used, ImmutableArray<Diagnostic> diagnostics)
{
    public UsedTypes Used { get; } = used;

    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;

    public static RecordParse Of(INamedTypeSymbol type, AttributeData attribute, TypeDeclarationSyntax node, CancellationToken cancellation)
    {
        Location place = node.Identifier.GetLocation();
        var found = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach ((DiagnosticDescriptor rule, object[] arguments) in RecordShape.Problems(type)) found.Add(Diagnostic.Create(rule, place, arguments));
        return new RecordParse(UsedTypesParser.OfRecord(type), found.ToImmutable());
    }
}
