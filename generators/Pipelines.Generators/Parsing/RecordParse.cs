using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>What came of one [Topic] or [Table] type: what codecs it needs, and what is wrong with it.</summary>
/// <remarks>Never equal to another: only <see cref="Used"/> goes on to steps that are cached.</remarks>
internal sealed class RecordParse(string name, string topic, string format, bool isTable, Location place, UsedTypes used, ImmutableArray<Diagnostic> diagnostics)
{
    private readonly string format = format;
    private readonly Location place = place;

    /// <summary>The full name of the type.</summary>
    public string Name { get; } = name;

    /// <summary>The topic that it lives on.</summary>
    public string Topic { get; } = topic;

    /// <summary>True when records of other types in the same format may stand beside it.</summary>
    private bool Shares { get; } = !isTable && format != "MessagePack";

    public UsedTypes Used { get; } = used;

    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;

    public static RecordParse Of(INamedTypeSymbol type, AttributeData attribute, TypeDeclarationSyntax node, CancellationToken cancellation)
    {
        Location place = node.Identifier.GetLocation();
        var found = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach ((DiagnosticDescriptor rule, object[] arguments) in RecordShape.Problems(type)) found.Add(Diagnostic.Create(rule, place, arguments));
        return new RecordParse(type.ToDisplayString(KnownTypes.Words), CodedTypeParser.TopicOf(attribute), CodedTypeParser.FormatOf(attribute), RecordReferenceParser.IsTable(type), place, UsedTypesParser.OfRecord(type), found.ToImmutable());
    }

    /// <summary>A topic holds records of one type: reports every type after the first, by name, that claims a topic.</summary>
    /// <remarks>JSON objects name their members and texts are texts, so a topic can hold several of one such format. A table cannot: rows replace each other.</remarks>
    public static void CheckTopics(ImmutableArray<RecordParse> records, Action<Diagnostic> report)
    {
        var owners = new Dictionary<string, RecordParse>(StringComparer.Ordinal);
        foreach (RecordParse record in records.OrderBy(static record => record.Name, StringComparer.Ordinal))
        {
            if (!owners.TryGetValue(record.Topic, out RecordParse? owner)) owners.Add(record.Topic, record);
            else if (owner.Name != record.Name && !(owner.Shares && record.Shares && owner.format == record.format)) report(Diagnostic.Create(RecordRules.TopicTwice, record.place, record.Name, record.Topic, owner.Name));
        }
    }
}
