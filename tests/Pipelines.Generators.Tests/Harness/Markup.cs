using Microsoft.CodeAnalysis.Text;

namespace Pipelines.Generators.Tests;

/// <summary>Source with a marked span: <c>[|marked|]</c>.</summary>
internal static class Markup
{
    public static (string Source, TextSpan Span) Read(string marked)
    {
        int start = marked.IndexOf("[|", StringComparison.Ordinal);
        int end = marked.IndexOf("|]", StringComparison.Ordinal) - 2;
        Assert.True(start >= 0 && end > start, "The source marks no span.");
        return (marked.Remove(end + 2, 2).Remove(start, 2), TextSpan.FromBounds(start, end));
    }
}
