using System.Globalization;

namespace Pipelines.Cli.Output;

/// <summary>A number with its noun: 1 record, 2 records.</summary>
internal static class Plural
{
    /// <summary>The number and the noun; an s is added for more than one.</summary>
    internal static string Of(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
