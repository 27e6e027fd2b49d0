using Pipelines.Broker.Server;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Tests;
using Pipelines.Tests.Brokers;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>A broker with a certificate, of either make.</summary>
internal sealed class TlsBroker : IAsyncDisposable
{
    private readonly IAsyncDisposable broker;

    private TlsBroker(IAsyncDisposable broker, string bootstrap)
    {
        this.broker = broker;
        Bootstrap = bootstrap;
    }

    internal string Bootstrap { get; }

    /// <summary>Starts one.</summary>
    /// <param name="kind">Of which make.</param>
    /// <param name="certificates">Who has to have signed the certificates of clients.</param>
    /// <param name="server">The broker's certificate and key.</param>
    /// <param name="wantsCertificate">Whether clients need a certificate.</param>
    internal static async Task<TlsBroker> StartAsync(SeamKind kind, Certificates certificates, (string Certificate, string Key) server, bool wantsCertificate = false)
    {
        if (kind == SeamKind.Shipped)
        {
            EmbeddedBroker shipped = await EmbeddedBroker.StartAsync(options: new BrokerServerOptions
            {
                Tls = TlsOptions.FromPem(server.Certificate, server.Key, authoritiesPath: wantsCertificate ? certificates.AuthorityPath : null, requiresClientCertificate: wantsCertificate),
            });
            return new TlsBroker(shipped, shipped.BootstrapServers);
        }

        SeamBroker.RequireApache();
        string keystore = $"{server.Certificate}.store.pem";
        await File.WriteAllTextAsync(keystore, await File.ReadAllTextAsync(server.Key) + Environment.NewLine + await File.ReadAllTextAsync(server.Certificate));
        // Its own connections stay in plaintext, whatever is wrong with the certificate.
        int inner = ChildBroker.FreePort();
        ApacheKafka apache = await ApacheKafka.StartAsync(
            $"listeners=SSL://127.0.0.1:{{port}},INNER://127.0.0.1:{inner},CONTROLLER://127.0.0.1:{{controller}}",
            $"advertised.listeners=SSL://127.0.0.1:{{port}},INNER://127.0.0.1:{inner}",
            "listener.security.protocol.map=SSL:SSL,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name=INNER",
            "ssl.keystore.type=PEM",
            $"ssl.keystore.location={keystore}",
            "ssl.truststore.type=PEM",
            $"ssl.truststore.location={certificates.AuthorityPath}",
            $"ssl.client.auth={(wantsCertificate ? "required" : "none")}");
        return new TlsBroker(apache, apache.Bootstrap);
    }

    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
