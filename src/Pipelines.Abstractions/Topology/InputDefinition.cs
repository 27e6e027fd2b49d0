namespace Pipelines.Topology;

/// <summary>What an input is to its component.</summary>
public enum InputKind
{
    /// <summary>A topic or table that crosses the broker; each record is handled.</summary>
    Topic = 0,

    /// <summary>A table that handlers look rows up in; it is read to its end before the task starts.</summary>
    Table = 1,

    /// <summary>A topic of the deployment's own that brings records of one key together.</summary>
    Internal = 2,
}

/// <summary>An input of a component.</summary>
/// <param name="Topic">The topic's name; for an internal one the last part of it, which the host puts behind <c>{application}.{deployment}.</c></param>
/// <param name="Kind">Topic, table or internal.</param>
/// <param name="Schema">The record type.</param>
/// <param name="Key">The names of the key members joined by commas; empty when records have no key.</param>
public sealed record InputDefinition(string Topic, InputKind Kind, RecordSchema Schema, string Key);

/// <summary>An input whose stream time bounds what an internal output may still carry.</summary>
/// <param name="Input">The input's index in its component.</param>
/// <param name="LagMs">How far behind the input's time a record may still be: 0 for plain handlers, the grace of the window for <c>[OnClose]</c>.</param>
public readonly record struct TimeSource(int Input, long LagMs);

/// <summary>An output of a component.</summary>
/// <param name="Topic">The topic's name; for an internal one the last part of it.</param>
/// <param name="IsInternal">True when only this component reads it.</param>
/// <param name="Schema">The record type.</param>
/// <param name="Key">The names of the key members joined by commas; empty when records have no key.</param>
/// <param name="TimeSources">For an internal output, the inputs that its records stem from.</param>
public sealed record OutputDefinition(string Topic, bool IsInternal, RecordSchema Schema, string Key, IReadOnlyList<TimeSource> TimeSources);
