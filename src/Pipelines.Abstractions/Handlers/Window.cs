namespace Pipelines;

/// <summary>The window in which a handler's state lives: start &lt;= event time &lt; end.</summary>
/// <param name="StartMs">The start in Unix milliseconds.</param>
/// <param name="EndMs">The end in Unix milliseconds, outside the window.</param>
public readonly record struct Window(long StartMs, long EndMs)
{
    /// <summary>The first instant of the window.</summary>
    public DateTimeOffset Start => DateTimeOffset.FromUnixTimeMilliseconds(StartMs);

    /// <summary>The first instant after the window.</summary>
    public DateTimeOffset End => DateTimeOffset.FromUnixTimeMilliseconds(EndMs);

    /// <summary>The tumbling window of <paramref name="sizeMs"/> that holds <paramref name="timeMs"/>, aligned to the Unix epoch.</summary>
    public static Window Tumbling(long timeMs, long sizeMs)
    {
        long start = timeMs - (timeMs % sizeMs);
        if (start > timeMs) start -= sizeMs;
        return new Window(start, start + sizeMs);
    }
}
