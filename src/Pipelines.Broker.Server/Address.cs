using System.Globalization;
using System.Net;

namespace Pipelines.Broker.Server;

/// <summary>A host and a port.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">The port; 0 for any that is free.</param>
public readonly record struct Address(string Host, int Port)
{
    /// <summary>True when only this machine can reach it.</summary>
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Reads <c>host:port</c>; an IPv6 address is in brackets.</summary>
    /// <returns><see langword="false"/> when it is not that.</returns>
    public static bool TryParse(string? text, out Address address)
    {
        address = default;
        int colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > ushort.MaxValue) return false;
        string host = text![..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal)) return false;
        address = new Address(host, port);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}") : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    internal static Address Of(IPEndPoint endPoint) =>
        new((endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address).ToString(), endPoint.Port);
}
