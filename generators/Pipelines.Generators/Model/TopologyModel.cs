using Microsoft.CodeAnalysis;

namespace Pipelines.Generators.Model;

/// <summary>What one assembly contains.</summary>
/// <param name="Components">Those that can be made, by name.</param>
/// <param name="Violations">What is wrong with how detectors fit together.</param>
internal sealed record TopologyModel(EquatableArray<ComponentModel> Components, EquatableArray<TopologyViolation> Violations);

/// <summary>A rule broken by detectors together, at a place that only their source knows.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Detector">The detector's class.</param>
/// <param name="Handler">The handler's position in the class, or -1.</param>
/// <param name="Parameter">The parameter's position, or -1.</param>
/// <param name="Arguments">What the message says.</param>
internal sealed record TopologyViolation(DiagnosticDescriptor Rule, string Detector, int Handler, int Parameter, EquatableArray<string> Arguments);

/// <summary>What the manifest says of the assembly.</summary>
/// <param name="Name">The deployment's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Framework">The version of Pipelines.Abstractions.</param>
internal sealed record AssemblyModel(string Name, string Version, string Framework);
