using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Pipelines.Generators.Emit;
using Pipelines.Generators.Model;
using Pipelines.Generators.Parsing;
using Pipelines.Generators.Wiring;

namespace Pipelines.Generators;

/// <summary>From [Detector] classes to tasks and topology.</summary>
internal static class DetectorPipeline
{
    public static void Register(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<DetectorParse> parses = new MarkedTypes<DetectorParse>(["DetectorAttribute"], DetectorParser.Parse).In(context);

        IncrementalValuesProvider<DetectorModel> detectors = parses
            .Select(static (parse, _) => parse.Model)
            .WithTrackingName(Steps.Detectors);

        IncrementalValueProvider<TopologyModel> topology = detectors.Collect()
            .Select(static (models, _) => TopologyLinker.Link(models))
            .WithTrackingName(Steps.Topology);

        IncrementalValuesProvider<ComponentModel> components = topology
            .SelectMany(static (model, _) => model.Components)
            .WithTrackingName(Steps.Components);

        IncrementalValueProvider<AssemblyModel> assembly = context.CompilationProvider
            .Select(static (compilation, cancellation) => AssemblyParser.Parse(compilation, cancellation))
            .WithTrackingName(Steps.Assembly);

        context.RegisterSourceOutput(detectors.Where(static model => !model.IsBroken), static (output, model) =>
            output.AddSource(DetectorEmitter.HintName(model), DetectorEmitter.Emit(model)));
        context.RegisterSourceOutput(components, static (output, model) =>
            output.AddSource(model.ClassName + ".g.cs", ComponentEmitter.Emit(model)));
        context.RegisterSourceOutput(topology.Combine(assembly), static (output, found) =>
        {
            if (found.Left.Components.Count > 0) output.AddSource("AssemblyTopology.g.cs", TopologyEmitter.Emit(found.Left, found.Right));
        });

        // Places are never equal to those of the run before, so they meet the rest only here, where nothing is generated.
        context.RegisterSourceOutput(parses.Where(static parse => parse.Diagnostics.Length > 0), static (output, parse) =>
        {
            foreach (Diagnostic diagnostic in parse.Diagnostics) output.ReportDiagnostic(diagnostic);
        });
        context.RegisterSourceOutput(topology.Combine(parses.Select(static (parse, _) => parse.Locations).Collect()), static (output, found) =>
            Report(output, found.Left, found.Right));
    }

    private static void Report(SourceProductionContext output, TopologyModel topology, ImmutableArray<DetectorLocations> locations)
    {
        foreach (TopologyViolation violation in topology.Violations)
        {
            Location? place = locations.FirstOrDefault(detector => detector.FullName == violation.Detector)?.Find(violation.Handler, violation.Parameter);
            output.ReportDiagnostic(Diagnostic.Create(violation.Rule, place, violation.Arguments.ToArray<object>()));
        }
    }
}
