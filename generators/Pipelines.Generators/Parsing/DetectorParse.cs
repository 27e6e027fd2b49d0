using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Pipelines.Generators.Model;

namespace Pipelines.Generators.Parsing;

/// <summary>What came of one [Detector] class: plain values, what is wrong with it, and where its parts stand.</summary>
/// <remarks>Never equal to another: only <see cref="Model"/> goes on to steps that are cached.</remarks>
internal sealed class DetectorParse(DetectorModel model, ImmutableArray<Diagnostic> diagnostics, DetectorLocations locations)
{
    public DetectorModel Model { get; } = model;

    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;

    public DetectorLocations Locations { get; } = locations;
}

/// <summary>Where a detector's parts stand in the source, for rules that only all detectors together can judge.</summary>
internal sealed class DetectorLocations(string fullName, Location type, ImmutableArray<HandlerLocations> handlers)
{
    public string FullName { get; } = fullName;

    /// <summary>The place of a handler's parameter, of the handler (-1), or of the class (-1, -1).</summary>
    public Location Find(int handler, int parameter)
    {
        if (handler < 0 || handler >= handlers.Length) return type;
        HandlerLocations at = handlers[handler];
        return parameter < 0 || parameter >= at.Parameters.Length ? at.Method : at.Parameters[parameter];
    }
}

/// <summary>Where a handler and its parameters stand.</summary>
internal readonly struct HandlerLocations(Location method, ImmutableArray<Location> parameters)
{
    public Location Method { get; } = method;

    public ImmutableArray<Location> Parameters { get; } = parameters;
}
