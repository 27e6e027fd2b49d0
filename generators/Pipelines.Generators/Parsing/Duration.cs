using System.Globalization;

namespace Pipelines.Generators.Parsing;

/// <summary>A duration as attributes write it: a whole number and <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</summary>
internal static class Duration
{
    /// <summary>A hundred years: what lies beyond would overflow sums of times long before it is of use.</summary>
    private const long MaxMs = 36_500L * 24 * 60 * 60 * 1000;

    /// <summary>Reads a duration.</summary>
    /// <param name="text">What the attribute says.</param>
    /// <param name="allowZero">False when nothing can last no time.</param>
    /// <param name="milliseconds">The duration, or 0.</param>
    /// <param name="problem">What is wrong with it, or empty.</param>
    public static bool TryParse(string? text, bool allowZero, out long milliseconds, out string problem)
    {
        milliseconds = 0;
        problem = "";
        string source = text ?? "";
        int digits = 0;
        while (digits < source.Length && source[digits] is >= '0' and <= '9') digits++;
        long unit = source.Substring(digits) switch
        {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 0,
        };
        if (source.Length > 0 && source[0] == '-') problem = "a duration cannot be negative";
        else if (digits == 0) problem = "it does not begin with a whole number";
        else if (unit == 0) problem = $"its unit is '{source.Substring(digits)}'";
        else if (!long.TryParse(source.Substring(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > MaxMs / unit)
            problem = "it is longer than 36500 days";
        else if (number == 0 && !allowZero) problem = "it lasts no time";
        else milliseconds = number * unit;
        return problem.Length == 0;
    }
}
