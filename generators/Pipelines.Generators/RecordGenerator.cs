using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Pipelines.Generators.Emit;
using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;

namespace Pipelines.Generators;

/// <summary>Writes the codecs of records, of structs inside of them, and of states: one file each, cached by what the type says.</summary>
[Generator]
public sealed class RecordGenerator : IIncrementalGenerator
{
    /// <summary>The names of the steps, for tests of what is cached.</summary>
    public const string CodedTypesStep = "CodedTypes";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<ImmutableArray<UsedTypes>> topics = Declared(context, "Pipelines.TopicAttribute");
        IncrementalValueProvider<ImmutableArray<UsedTypes>> tables = Declared(context, "Pipelines.TableAttribute");
        IncrementalValueProvider<ImmutableArray<UsedTypes>> detectors = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                KnownTypes.DetectorAttribute,
                static (node, _) => node is ClassDeclarationSyntax,
                static (target, _) => UsedTypesParser.OfDetector((INamedTypeSymbol)target.TargetSymbol))
            .Collect();

        IncrementalValuesProvider<CodedType> types = topics.Combine(tables).Combine(detectors)
            .SelectMany(static (used, _) => UsedTypes.Distinct(used.Left.Left, used.Left.Right, used.Right))
            .WithTrackingName(CodedTypesStep);
        context.RegisterSourceOutput(types, static (output, type) => output.AddSource(type.HintName, CodecEmitter.Emit(type)));

        IncrementalValuesProvider<StateType> states = detectors.SelectMany(static (used, _) => UsedTypes.DistinctStates(used));
        context.RegisterSourceOutput(states, static (output, state) => output.AddSource($"{state.CodecName}.g.cs", StateCodecEmitter.Emit(state)));
    }

    private static IncrementalValueProvider<ImmutableArray<UsedTypes>> Declared(IncrementalGeneratorInitializationContext context, string attribute) =>
        context.SyntaxProvider
            .ForAttributeWithMetadataName(
                attribute,
                static (node, _) => node is TypeDeclarationSyntax,
                static (target, _) => UsedTypesParser.OfRecord((INamedTypeSymbol)target.TargetSymbol))
            .Collect();
}
