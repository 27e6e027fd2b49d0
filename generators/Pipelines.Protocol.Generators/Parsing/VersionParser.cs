using System.Globalization;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>Reads <c>3</c>, <c>3-7</c> and <c>3+</c>.</summary>
internal static class VersionParser
{
    public static VersionRange Parse(SchemaLine line, string text, VersionRange within)
    {
        if (text.EndsWith("+", StringComparison.Ordinal)) return new VersionRange(Number(line, text.Substring(0, text.Length - 1)), within.Last).Intersect(within);
        int dash = text.IndexOf('-');
        if (dash < 0) return new VersionRange(Number(line, text), Number(line, text)).Intersect(within);
        return new VersionRange(Number(line, text.Substring(0, dash)), Number(line, text.Substring(dash + 1))).Intersect(within);
    }

    public static int Number(SchemaLine line, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new SchemaException(line.Number, $"'{text}' is not a version; write 3, 3-7 or 3+");
}
