namespace Pipelines;

/// <summary>What happens to a record whose handler threw, after its outputs and state changes were undone.</summary>
public enum OnError
{
    /// <summary>The record goes to the dead letters, in the transaction that moves progress past it (the default).</summary>
    DeadLetter = 0,

    /// <summary>The record is handled again, <see cref="DetectorAttribute.Retries"/> times, <see cref="DetectorAttribute.RetryDelay"/> apart; then it goes to the dead letters.</summary>
    Retry = 1,

    /// <summary>The record is counted and left out.</summary>
    Skip = 2,

    /// <summary>The deployment stops before the record; the others go on.</summary>
    Stop = 3,
}

/// <summary>A partial class whose methods are handlers: each is called once per record of its first parameter's type.</summary>
/// <param name="name">Names the detector in topics, stores, metrics and messages; lower case with hyphens by custom. It must not change while state is to be kept.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class DetectorAttribute(string name) : Attribute
{
    /// <summary>The detector's name.</summary>
    public string Name { get; } = name;

    /// <summary>What happens to a record whose handler threw.</summary>
    public OnError OnError { get; set; }

    /// <summary>How often a record is handled again under <see cref="OnError.Retry"/>.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>The time between tries under <see cref="OnError.Retry"/>, a duration such as <c>"100ms"</c> or <c>"5s"</c>.</summary>
    public string RetryDelay { get; set; } = "100ms";
}
