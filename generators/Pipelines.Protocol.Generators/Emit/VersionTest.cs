using System.Globalization;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Emit;

/// <summary>Conditions on <c>version</c>.</summary>
internal static class VersionTest
{
    /// <summary>True in <paramref name="range"/>, given that the version is in <paramref name="within"/>; <c>null</c> when that says it all.</summary>
    public static string? In(VersionRange range, VersionRange within)
    {
        if (range.IsEmpty) return "false";
        bool fromStart = range.First <= within.First;
        bool toEnd = range.Last >= within.Last;
        if (fromStart && toEnd) return null;
        if (toEnd) return $"version >= {Number(range.First)}";
        if (fromStart) return $"version <= {Number(range.Last)}";
        return range.First == range.Last ? $"version == {Number(range.First)}" : $"version is >= {Number(range.First)} and <= {Number(range.Last)}";
    }

    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
