namespace Pipelines.Broker.Server.Security;

/// <summary>Lets one event of a kind through in a while, and counts those that it keeps back: a client that tries for ever must not fill the log.</summary>
internal sealed class RepeatLimit(TimeProvider clock)
{
    private const int MaxKinds = 1000;
    private const string AllOthers = "";
    private static readonly TimeSpan While = TimeSpan.FromSeconds(10);

    private readonly Lock sync = new();
    private readonly Dictionary<string, Kind> kinds = new(StringComparer.Ordinal);

    /// <summary>Whether the event goes through.</summary>
    /// <param name="key">What makes events the same.</param>
    /// <param name="skipped">How many like it were kept back before.</param>
    internal bool TryPass(string key, out int skipped)
    {
        lock (sync)
        {
            skipped = 0;
            if (!kinds.TryGetValue(key, out Kind? kind) && kinds.Count >= MaxKinds) kind = MakeRoom(ref key);
            if (kind is not null && clock.GetElapsedTime(kind.Since) < While)
            {
                kind.Skipped++;
                return false;
            }

            skipped = kind?.Skipped ?? 0;
            kinds[key] = new Kind { Since = clock.GetTimestamp() };
            return true;
        }
    }

    private Kind? MakeRoom(ref string key)
    {
        foreach ((string old, Kind kind) in kinds)
        {
            if (clock.GetElapsedTime(kind.Since) >= While) kinds.Remove(old);
        }

        // Too many kinds at once: whoever makes up names gets one line for all of them.
        if (kinds.Count >= MaxKinds) key = AllOthers;
        return kinds.GetValueOrDefault(key);
    }

    private sealed class Kind
    {
        internal long Since { get; init; }

        internal int Skipped { get; set; }
    }
}
