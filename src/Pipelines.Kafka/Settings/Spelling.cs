namespace Pipelines.Kafka.Settings;

/// <summary>Finds what somebody meant who has mistyped a name.</summary>
internal static class Spelling
{
    private const int MostEdits = 2;

    /// <summary>The known name that is like a given one, or null when none is.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What could have been meant.</param>
    internal static string? Nearest(string name, IEnumerable<string> known)
    {
        string? nearest = null;
        int least = MostEdits + 1;
        foreach (string candidate in known.Order(StringComparer.Ordinal))
        {
            int edits = Edits(Plain(name), Plain(candidate));
            if (edits < least) (nearest, least) = (candidate, edits);
        }

        return nearest;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    /// <summary>How many letters have to be added, left out or changed (Levenshtein).</summary>
    private static int Edits(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int change = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
