using Pipelines.Broker.Server;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>One side does not trust the other, on the shipped broker and on Apache Kafka.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly DateTimeOffset Hour = TimeProvider.System.GetUtcNow().AddHours(-1);
    private readonly Certificates certificates = new();

    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    public void Dispose() => certificates.Dispose();

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_broker_that_is_trusted_and_trusts_is_used(SeamKind kind)
    {
        await using TlsBroker broker = await TlsBroker.StartAsync(kind, certificates, certificates.ForServer("right"), wantsCertificate: true);
        (string certificate, string key) = certificates.FilesForClient("client", "CN=worker");
        await using Started program = Started.Run([.. Tls(broker), ("Pipelines:Kafka:ssl.certificate.location", certificate), ("Pipelines:Kafka:ssl.key.location", key)]);
        await program.WorksAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_certificate_of_an_unknown_authority_is_refused(SeamKind kind)
    {
        await using TlsBroker broker = await TlsBroker.StartAsync(kind, certificates, certificates.ForServer("right"));
        using var others = new Certificates("CN=Strangers");
        Assert.Contains(
            $"Broker {broker.Bootstrap} is not trusted: its certificate 'CN=broker' is signed by 'CN=Tests', whom nobody here trusts (PartialChain). Set ssl.ca.location to a PEM file with the certificate of the authority",
            await Started.RefusedAsync(Tls(broker, others.AuthorityPath)),
            StringComparison.Ordinal);
        Assert.Contains("Set ssl.ca.location", await Started.RefusedAsync(("Pipelines:Broker", $"kafka://{broker.Bootstrap}"), ("Pipelines:Kafka:security.protocol", "SSL")), StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_certificate_of_another_host_is_refused(SeamKind kind)
    {
        await using TlsBroker broker = await TlsBroker.StartAsync(kind, certificates, certificates.ForServer("other", host: "broker.example"));
        Assert.Contains(
            $"Broker {broker.Bootstrap} is not trusted: its certificate is for 'broker.example', not for '127.0.0.1'. Give the broker by a name that its certificate has",
            await Started.RefusedAsync(Tls(broker)),
            StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_certificate_that_has_expired_is_refused(SeamKind kind)
    {
        await using TlsBroker broker = await TlsBroker.StartAsync(kind, certificates, certificates.ForServer("old", until: Hour));
        Assert.Contains(
            $"Broker {broker.Bootstrap} is not trusted: its certificate 'CN=broker' expired at {Hour:yyyy-MM-dd HH:mm}",
            await Started.RefusedAsync(Tls(broker)),
            StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_certificate_that_the_broker_demands_is_asked_for(SeamKind kind)
    {
        await using TlsBroker broker = await TlsBroker.StartAsync(kind, certificates, certificates.ForServer("right"), wantsCertificate: true);
        Assert.Contains(
            $"Broker {broker.Bootstrap} demands a certificate of the client, and there is none. Set ssl.certificate.location and ssl.key.location",
            await Started.RefusedAsync(Tls(broker)),
            StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_certificate_that_the_broker_does_not_trust_is_told(SeamKind kind)
    {
        await using TlsBroker broker = await TlsBroker.StartAsync(kind, certificates, certificates.ForServer("right"), wantsCertificate: true);
        using var others = new Certificates("CN=Strangers");
        (string certificate, string key) = others.FilesForClient("client", "CN=worker");
        await using Started program = Started.Run([.. Tls(broker), ("Pipelines:Kafka:ssl.certificate.location", certificate), ("Pipelines:Kafka:ssl.key.location", key)]);
        // Apache Kafka says that it does not; the shipped broker closes without a word.
        await program.Log.FindAsync(kind == SeamKind.ApacheKafka ? "does not take the client's certificate" : "it may not trust the client's certificate");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("ssl.ca.location", "nowhere/ca.pem", "ssl.ca.location is 'nowhere/ca.pem', but it cannot be read: there is no such file. Correct the path")]
    [InlineData("ssl.ca.location", ".", "ssl.ca.location is '.', but it cannot be read: Access to the path")]
    [InlineData("ssl.ca.location", "broker.key", "holds no certificates in PEM: There is no certificate in it. Give the authority's certificate as PEM.")]
    [InlineData("ssl.certificate.location", "broker.pem", "ssl.certificate.location and ssl.key.location belong together, but only one of them is there: give both.")]
    public async Task Files_that_cannot_be_used_are_told(string setting, string file, string expected)
    {
        string path = file.StartsWith("broker", StringComparison.Ordinal) ? Path.Combine(Path.GetDirectoryName(certificates.ServerPath)!, file) : file;
        Assert.Contains(
            expected,
            await Started.RefusedAsync(("Pipelines:Broker", "kafka://127.0.0.1:1"), ("Pipelines:Kafka:security.protocol", "ssl"), ($"Pipelines:Kafka:{setting}", path)),
            StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_wrong_password_of_a_key_and_a_key_of_another_certificate_are_told_without_the_password()
    {
        (string _, string strange) = certificates.FilesForClient("strange", "CN=strange");
        foreach ((string key, string password) in ((string, string)[])[(certificates.LockedKeyPath, Started.Secret), (strange, "")])
        {
            string line = await Started.RefusedAsync(
                ("Pipelines:Broker", "kafka://127.0.0.1:1"),
                ("Pipelines:Kafka:security.protocol", "ssl"),
                ("Pipelines:Kafka:ssl.certificate.location", certificates.ServerPath),
                ("Pipelines:Kafka:ssl.key.location", key),
                ("Pipelines:Kafka:ssl.key.password", password));
            Assert.Contains($"ssl.certificate.location '{certificates.ServerPath}' and ssl.key.location '{key}' cannot be used: ", line, StringComparison.Ordinal);
            Assert.Contains("Give a certificate and its own key as PEM", line, StringComparison.Ordinal);
        }
    }

    private IEnumerable<(string Name, string Value)> Tls(TlsBroker broker, string? authorities = null) =>
        [("Pipelines:Broker", $"kafka://{broker.Bootstrap}"), ("Pipelines:Kafka:security.protocol", "ssl"), ("Pipelines:Kafka:ssl.ca.location", authorities ?? certificates.AuthorityPath)];
}
