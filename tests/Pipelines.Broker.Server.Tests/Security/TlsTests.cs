using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;
using Pipelines.Tests;

namespace Pipelines.Broker.Server.Tests.Security;

/// <summary>Connections that nobody else reads.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly Certificates certificates = new();
    private readonly LogLines log = new();

    public void Dispose() => certificates.Dispose();

    [Theory]
    [InlineData(SaslMechanism.Plain)]
    [InlineData(SaslMechanism.ScramSha256)]
    [InlineData(SaslMechanism.ScramSha512)]
    public async Task Clients_log_in_over_tls(SaslMechanism mechanism)
    {
        await using EmbeddedBroker broker = await StartAsync(TlsOptions.FromPem(certificates.ServerPath, certificates.KeyPath));
        await using BrokerConnection connection = await broker.ConnectAsync(new SaslCredentials(mechanism, "alice", "secret"), host => certificates.Trusting(host));
        Assert.Single((await connection.SendAsync(new MetadataRequest { Topics = [] })).Brokers);
        await log.FindAsync("User:alice at 127.0.0.1 has logged in");

        var refused = await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.ConnectAsync(new SaslCredentials(mechanism, "alice", "guessed"), host => certificates.Trusting(host)));
        Assert.Equal((short)ErrorCode.SaslAuthenticationFailed, refused.ErrorCode);
    }

    [Fact]
    public async Task Certificate_comes_from_any_kind_of_file()
    {
        TlsOptions[] all =
        [
            TlsOptions.FromPem(certificates.ServerPath, certificates.LockedKeyPath, "secret"),
            TlsOptions.FromPkcs12(certificates.Pkcs12Path, "secret"),
        ];
        foreach (TlsOptions tls in all)
        {
            await using EmbeddedBroker broker = await StartAsync(tls);
            await using BrokerConnection connection = await broker.ConnectAsync(new SaslCredentials(SaslMechanism.Plain, "alice", "secret"), host => certificates.Trusting(host));
            Assert.True(connection.IsUsable);
        }
    }

    [Fact]
    public async Task Client_without_tls_is_refused_and_logged()
    {
        await using EmbeddedBroker broker = await StartAsync(TlsOptions.FromPem(certificates.ServerPath, certificates.KeyPath));
        await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.ConnectAsync());
        await log.FindAsync("Warning: 127.0.0.1 did not get through the TLS handshake");
    }

    [Fact]
    public async Task Client_without_certificate_is_refused_where_one_is_required()
    {
        await using EmbeddedBroker broker = await StartAsync(
            TlsOptions.FromPem(certificates.ServerPath, certificates.KeyPath, authoritiesPath: certificates.AuthorityPath, requiresClientCertificate: true), hasSasl: false);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.ConnectAsync(tls: host => certificates.Trusting(host)));
        using var others = new Certificates();
        using X509Certificate2 stranger = others.ForClient("CN=admin");
        await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.ConnectAsync(tls: host => certificates.Trusting(host, stranger)));
        await log.FindAsync("Warning: 127.0.0.1 did not get through the TLS handshake");
    }

    [Theory]
    [InlineData("CN=admin, OU=ops, O=\"Orders, Inc\", C=DE", "User:CN=admin,OU=ops,O=Orders\\, Inc,C=DE", ErrorCode.None)]
    [InlineData("CN=alice", "User:CN=alice", ErrorCode.TopicAuthorizationFailed)]
    public async Task Client_is_who_its_certificate_says(string subject, string principal, ErrorCode expected)
    {
        await using EmbeddedBroker broker = await StartAsync(
            TlsOptions.FromPem(certificates.ServerPath, certificates.KeyPath, authoritiesPath: certificates.AuthorityPath, requiresClientCertificate: true),
            hasSasl: false,
            superUser: "User:CN=admin,OU=ops,O=Orders\\, Inc,C=DE");
        using X509Certificate2 client = certificates.ForClient(subject);
        await using BrokerConnection connection = await broker.ConnectAsync(tls: host => certificates.Trusting(host, client));
        Assert.Equal(expected, await connection.CreateTopicAsync("orders"));
        if (expected != ErrorCode.None) await log.FindAsync($"Warning: {principal} at 127.0.0.1 may not Create Topic 'orders'");
    }

    [Fact]
    public async Task Plain_without_tls_is_refused_beyond_loopback()
    {
        var options = new BrokerServerOptions { Listen = new Address("0.0.0.0", 0), Sasl = new SaslOptions { Mechanisms = [SaslMechanism.Plain] } };
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => EmbeddedBroker.StartAsync(options: options));
        Assert.Contains("Add a certificate", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silent_client_does_not_hold_up_others()
    {
        await using EmbeddedBroker broker = await StartAsync(TlsOptions.FromPem(certificates.ServerPath, certificates.KeyPath));
        using var silent = new TcpClient();
        await silent.ConnectAsync(broker.Address.Host, broker.Address.Port);
        await using BrokerConnection connection = await broker.ConnectAsync(new SaslCredentials(SaslMechanism.Plain, "alice", "secret"), host => certificates.Trusting(host));
        Assert.True(connection.IsUsable);
    }

    private Task<EmbeddedBroker> StartAsync(TlsOptions tls, bool hasSasl = true, string? superUser = null) => EmbeddedBroker.StartAsync(options: new BrokerServerOptions
    {
        Tls = tls,
        Sasl = hasSasl
            ? new SaslOptions
            {
                Mechanisms = [SaslMechanism.Plain, SaslMechanism.ScramSha256, SaslMechanism.ScramSha512],
                Users = new Dictionary<string, string> { ["alice"] = "secret" },
            }
            : null,
        Authorization = superUser is null ? null : new AuthorizationOptions { SuperUsers = [superUser] },
        LoggerFactory = log,
    });
}
