using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
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
        IncrementalValuesProvider<RecordParse> parses = new MarkedTypes<RecordParse>(["TopicAttribute", "TableAttribute"], RecordParse.Of).In(context);
        IncrementalValueProvider<ImmutableArray<UsedTypes>> records = parses.Select(static (parse, _) => parse.Used).Collect();
        IncrementalValueProvider<ImmutableArray<UsedTypes>> detectors =
            new MarkedTypes<UsedTypes>(["DetectorAttribute"], static (type, _, _, _) => UsedTypesParser.OfDetector(type)).In(context).Collect();

        IncrementalValuesProvider<CodedType> types = records.Combine(detectors)
            .SelectMany(static (used, _) => UsedTypes.Distinct(used.Left, used.Right))
            .WithTrackingName(CodedTypesStep);
        context.RegisterSourceOutput(types, static (output, type) => output.AddSource(type.HintName, CodecEmitter.Emit(type)));

        IncrementalValuesProvider<StateType> states = detectors.SelectMany(static (used, _) => UsedTypes.DistinctStates(used));
        context.RegisterSourceOutput(states, static (output, state) => output.AddSource($"{state.CodecName}.g.cs", StateCodecEmitter.Emit(state)));

        // Places are never equal to those of the run before, so they do not meet what is generated.
        context.RegisterSourceOutput(parses.Where(static parse => parse.Diagnostics.Length > 0), static (output, parse) =>
        {
            foreach (Diagnostic diagnostic in parse.Diagnostics) output.ReportDiagnostic(diagnostic);
        });
        context.RegisterSourceOutput(parses.Collect(), static (output, all) => RecordParse.CheckTopics(all, output.ReportDiagnostic));
    }
}
