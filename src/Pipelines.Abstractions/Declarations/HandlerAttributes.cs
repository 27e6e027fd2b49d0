namespace Pipelines;

/// <summary>The handler's state lives in windows of one size that follow each other, aligned to the Unix epoch: start &lt;= time &lt; end.</summary>
/// <param name="size">The window's length, a duration: a whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TumblingAttribute(string size) : Attribute
{
    /// <summary>The window's length.</summary>
    public string Size { get; } = size;

    /// <summary>How long a window stays open after its end for records that come late; none unless said.</summary>
    public string Grace { get; set; } = "0s";
}

/// <summary>The handler is called once per key when a window closes: stream time has passed its end and grace.</summary>
/// <remarks>Parameters: the key (one per key member), <c>in Window</c>, the state by its name as <c>in T</c>, <see cref="Emit{T}"/>, <see cref="DetectorClock"/>.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnCloseAttribute : Attribute;

/// <summary>The handler is called with records that are behind their window's end and grace; without one they go to the dead letters.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnLateAttribute : Attribute;

/// <summary>The record is handled under another key than its own; an internal topic brings records of one key together.</summary>
/// <param name="members">The members of the record that are the key, in order.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class KeyByAttribute(params string[] members) : Attribute
{
    /// <summary>The members of the record that are the key, in order.</summary>
    public IReadOnlyList<string> Members { get; } = members;
}
