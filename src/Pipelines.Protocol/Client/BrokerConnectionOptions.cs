using System.Net.Security;
using Pipelines.Protocol.Security;

namespace Pipelines.Protocol.Client;

/// <summary>How a connection to a broker is made.</summary>
public sealed record BrokerConnectionOptions
{
    /// <summary>What the client calls itself in every request.</summary>
    public string ClientId { get; init; } = "pipelines";

    /// <summary>How long connecting and each request may take. A request that takes longer closes the connection, since answers come in order.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest answer that is read.</summary>
    public int MaxFrameBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>The options of TLS to a host, or null for none: <c>host => new() { TargetHost = host }</c>.</summary>
    public Func<string, SslClientAuthenticationOptions>? Tls { get; init; }

    /// <summary>Who the client says it is, or null for nobody.</summary>
    public SaslCredentials? Credentials { get; init; }

    /// <summary>False leaves out ApiVersions and the credentials, for raw frames; every request needs its version then.</summary>
    public bool Negotiate { get; init; } = true;

    /// <summary>Gives the array, of so many bytes or more, that the next answer is read into: for who has a connection alone. Null gives each an array of its own.</summary>
    public Func<int, byte[]>? FrameMemory { get; init; }

    /// <summary>True for a connection that finds out why others fail: of its own failure no more is asked.</summary>
    internal bool IsProbe { get; init; }

    /// <summary>The clock of the time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
