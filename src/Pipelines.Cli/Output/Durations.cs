using System.Globalization;

namespace Pipelines.Cli.Output;

/// <summary>Durations as people write them: 250ms, 30s, 5m, 2h, 7d.</summary>
internal static class Durations
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a number and its unit.</summary>
    internal static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach ((string unit, TimeSpan length) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) continue;
            if (number * length.TotalDays > 1_000_000) return false;
            duration = length * number;
            return true;
        }

        return false;
    }

    /// <summary>The two largest units that matter: 3m 12s.</summary>
    internal static string Format(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero) return "-";
        if (duration.TotalSeconds < 1) return string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMilliseconds}ms");
        if (duration.TotalMinutes < 1) return string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalSeconds}s");
        if (duration.TotalHours < 1) return string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes}m {duration.Seconds}s");
        return duration.TotalDays < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.Hours}h {duration.Minutes}m")
            : string.Create(CultureInfo.InvariantCulture, $"{duration.Days}d {duration.Hours}h");
    }
}
