using System.Net.Security;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Tests.Support;

/// <summary>Connections to a broker under test.</summary>
internal static class Clients
{
    internal static Task<BrokerConnection> ConnectAsync(this EmbeddedBroker broker, SaslCredentials? credentials = null, Func<string, SslClientAuthenticationOptions>? tls = null) =>
        BrokerConnection.ConnectAsync(
            broker.Address.Host, broker.Address.Port, new BrokerConnectionOptions { Credentials = credentials, Tls = tls, RequestTimeout = TimeSpan.FromSeconds(20) });

    /// <summary>Logs in with SCRAM-SHA-256.</summary>
    internal static Task<BrokerConnection> ConnectAsync(this EmbeddedBroker broker, string user, string password = "secret") =>
        broker.ConnectAsync(new SaslCredentials(SaslMechanism.ScramSha256, user, password));
}
