namespace Pipelines.Execution;

/// <summary>The stream time of the inputs that feed one windowed store, and when its next window is due.</summary>
internal sealed class TimeGroup
{
    /// <summary>Stream time in Unix milliseconds; <see cref="long.MinValue"/> before the first event.</summary>
    internal long Time = long.MinValue;

    /// <summary>The least end and grace of the store's windows; <see cref="long.MaxValue"/> when it has none.</summary>
    internal long NextClose = long.MaxValue;
}
