namespace Pipelines.Cli.Arguments;

/// <summary>Settings as they are typed: <c>name=value</c>.</summary>
internal static class NamedValues
{
    /// <summary>Takes them apart.</summary>
    /// <param name="texts">What was typed.</param>
    /// <param name="option">The option, for the message.</param>
    /// <exception cref="UsageException">One has no name or no '='.</exception>
    internal static IReadOnlyList<(string Name, string Value)> Parse(IEnumerable<string>? texts, string option)
    {
        var settings = new List<(string, string)>();
        foreach (string text in texts ?? [])
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new UsageException($"'{text}' is not NAME=VALUE. Write {option} NAME=VALUE.");
            settings.Add((text[..equals].Trim(), text[(equals + 1)..]));
        }

        return settings;
    }
}
