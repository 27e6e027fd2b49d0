using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server;
using Pipelines.Cli.Commands;
using Pipelines.Protocol.Records;
using Pipelines.Protocol.Security;

namespace Pipelines.Cli.Tests;

/// <summary>What the broker's settings come to, as far as security goes.</summary>
public sealed class BrokerSetupTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-setup-");

    public BrokerSetupTests()
    {
        MakeCertificate("broker");
        MakeCertificate("other");
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Loopback_is_open_without_settings()
    {
        BrokerServerOptions options = Read("127.0.0.1");
        Assert.Null(options.Tls);
        Assert.Null(options.Sasl);
        Assert.Null(options.Authorization);
    }

    [Fact]
    public void Beyond_loopback_tls_and_logins_are_needed()
    {
        Assert.Contains("without TLS and authentication lets everybody", Refused("0.0.0.0"), StringComparison.Ordinal);
        Assert.Contains("without TLS lets everybody", Refused("0.0.0.0", "user.admin=secret"), StringComparison.Ordinal);
        Assert.Contains("without authentication lets everybody", Refused("0.0.0.0", Certificate()), StringComparison.Ordinal);
        Assert.NotNull(Read("0.0.0.0", [.. Certificate(), "user.admin=secret"]).Tls);
        Assert.NotNull(Read("0.0.0.0", [.. Certificate(), "ssl.client.auth=required", $"ssl.ca.location={FileOf("broker.pem")}"]).Tls!.ClientAuthorities);
    }

    [Fact]
    public void Certificate_that_is_only_asked_for_is_no_login() =>
        Assert.Contains("without authentication", Refused("0.0.0.0", [.. Certificate(), "ssl.client.auth=requested", $"ssl.ca.location={FileOf("broker.pem")}"]), StringComparison.Ordinal);

    [Fact]
    public void Users_mechanisms_and_super_users_are_read()
    {
        BrokerServerOptions options = Read("127.0.0.1", "sasl.enabled.mechanisms=PLAIN, SCRAM-SHA-512", "user.al=ice=x=y", "user.bob=secret", "super.users=User:bob;User:CN=carol,O=example");
        Assert.Equal([SaslMechanism.Plain, SaslMechanism.ScramSha512], options.Sasl!.Mechanisms);
        Assert.Equal("ice=x=y", options.Sasl.Users["al"]);
        Assert.Equal("secret", options.Sasl.Users["bob"]);
        Assert.Equal(["User:bob", "User:CN=carol,O=example"], options.Authorization!.SuperUsers);
        Assert.False(options.Authorization.AllowsEveryoneIfNoAcl);
    }

    [Theory]
    [InlineData("sasl.enabled.mechanisms=GSSAPI", "Mechanism 'GSSAPI'")]
    [InlineData("super.users=admin", "'admin' of 'super.users' is no principal")]
    [InlineData("ssl.certificate.location=/nowhere", "there is no such file")]
    [InlineData("ssl.client.auth=required", "'ssl.ca.location' has to name")]
    [InlineData("ssl.client.auth=perhaps", "one of none, requested, required")]
    [InlineData("ssl.keystore.type=JKS", "one of PEM, PKCS12")]
    [InlineData("user.=secret-password", "has to be user.NAME=PASSWORD")]
    [InlineData("user.admin secret-password", "is not NAME=VALUE")]
    public void Mistake_is_told_and_no_secret(string line, string expected)
    {
        string refused = Refused("127.0.0.1", line);
        Assert.Contains(expected, refused, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-password", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_after_a_clean_shutdown_reads_no_records()
    {
        for (int start = 0; start < 2; start++)
        {
            await using LogEngine engine = await LogEngine.OpenAsync(Setup("127.0.0.1").Engine(NullLoggerFactory.Instance));
            Assert.Equal(start, engine.Recovery.SegmentsFromCheckpoint);
            Assert.Equal(0, engine.Recovery.BytesScanned);
            if (start > 0) continue;
            await engine.CreateTopicAsync("ticks", 1);
            var writer = new RecordBatchWriter();
            writer.Add(0, default, new byte[100], hasKey: false);
            Assert.Equal(ErrorCode.None, (await engine.AppendAsync(new TopicPartition("ticks", 0), writer.Complete(BatchProducer.None))).Error);
        }
    }

    [Fact]
    public void Key_of_another_certificate_is_refused() =>
        Assert.Contains("is not that of the certificate", Refused("127.0.0.1", $"ssl.certificate.location={FileOf("broker.pem")}", $"ssl.key.location={FileOf("other.key")}"), StringComparison.Ordinal);

    [Fact]
    public void File_that_others_can_read_is_warned_of()
    {
        if (OperatingSystem.IsWindows()) return;
        Assert.Contains(Setup("127.0.0.1", "user.admin=secret").Warnings, static warning => warning.Contains("chmod 600", StringComparison.Ordinal));
        File.SetUnixFileMode(FileOf("settings"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Empty(Setup("127.0.0.1").Warnings);
    }

    private BrokerServerOptions Read(string host, params string[] lines) => Setup(host, lines).Server(NullLoggerFactory.Instance);

    private string Refused(string host, params string[] lines) => Assert.Throws<BrokerSetupException>(() => Setup(host, lines)).Message;

    /// <summary>With the lines of the last time when there are none.</summary>
    private BrokerSetup Setup(string host, params string[] lines)
    {
        string settings = FileOf("settings");
        if (lines.Length > 0) File.WriteAllLines(settings, lines);
        FileInfo? file = File.Exists(settings) ? new FileInfo(settings) : null;
        return BrokerSetup.Read(new BrokerArguments(folder.FullName, new Address(host, 9092), null, file, IsInsecure: false, Durability.Fsync));
    }

    private string[] Certificate() => [$"ssl.certificate.location={FileOf("broker.pem")}", $"ssl.key.location={FileOf("broker.key")}"];

    private string FileOf(string name) => Path.Combine(folder.FullName, name);

    private void MakeCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(FileOf($"{name}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(FileOf($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
