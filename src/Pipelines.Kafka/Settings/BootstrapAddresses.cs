using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pipelines.Kafka.Settings;

/// <summary>Lists of brokers: <c>host:9092,other:9092</c>.</summary>
internal static class BootstrapAddresses
{
    private const int UsualPort = 9092;

    /// <summary>Reads a list of hosts and ports; a host without a port has the usual one.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<(string Host, int Port)>? brokers)
    {
        brokers = null;
        var found = new List<(string, int)>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int colon = part.LastIndexOf(':');
            bool hasPort = colon > 0 && part[^1] != ']';
            int port = UsualPort;
            if (hasPort && (!int.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > ushort.MaxValue)) return false;
            string host = (hasPort ? part[..colon] : part).Trim('[', ']');
            if (host.Length == 0 || host.AsSpan().ContainsAny("/@? \t")) return false;
            found.Add((host, port));
        }

        brokers = found;
        return true;
    }

    /// <summary>What is wrong with a list, and what to write.</summary>
    internal static string Mistake(string text) => text.Contains('@', StringComparison.Ordinal) || text.Contains('?', StringComparison.Ordinal)
        ? "an address is a host and a port only: put the user into sasl.username and the password into sasl.password."
        : "it lists brokers by host and port: write host:9092,other:9092.";

    /// <summary>An address that may have been given with a user, a password or a token in it, fit to be shown.</summary>
    internal static string WithoutSecrets(string text)
    {
        int at = text.LastIndexOf('@');
        if (at >= 0)
        {
            int scheme = text.IndexOf("://", StringComparison.Ordinal);
            text = $"{(scheme >= 0 && scheme < at ? text[..(scheme + 3)] : "")}***{text[at..]}";
        }

        int query = text.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? text : $"{text[..query]}?***";
    }
}
