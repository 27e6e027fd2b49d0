using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipelines.Conformance.Brokers;

/// <summary>A broker of either make that wants TLS and a login, and has rules about who may do what. At first there is only <c>admin</c>, who may do everything.</summary>
internal sealed class SecureBroker : ChildBroker
{
    /// <summary>The password of <c>admin</c>, for PLAIN.</summary>
    public const string AdminPassword = "admin-secret";

    private readonly int port;
    private readonly DirectoryInfo files;

    private SecureBroker(int port, DirectoryInfo files, string command)
        : base(command, new Dictionary<string, string> { ["PORT"] = Text(port), ["CONTROLLER_PORT"] = Text(FreePort()), ["SECURE"] = Path.Combine(files.FullName, "secure") })
    {
        this.port = port;
        this.files = files;
    }

    public override string Bootstrap => $"127.0.0.1:{Text(port)}";

    /// <summary>The certificate that the broker's is signed with, as PEM.</summary>
    public string AuthorityPath => AuthorityIn(files);

    public static string? WhyMissing(BrokerKind kind) => kind switch
    {
        BrokerKind.ApacheKafka => ApacheKafka.WhyMissing(),
        BrokerKind.Pipelines => PipelinesBroker.Built is null ? "the broker of this repository (build src/Pipelines.Cli)" : null,
        _ => "a broker that is started with TLS and users",
    };

    public static async Task<SecureBroker> StartAsync(BrokerKind kind)
    {
        DirectoryInfo files = Directory.CreateTempSubdirectory("pipelines-conformance-secure-");
        MakeCertificates(files);
        int port = FreePort();
        bool isKafka = kind == BrokerKind.ApacheKafka;
        string settings = Path.Combine(files.FullName, "secure");
        File.WriteAllLines(settings, isKafka ? KafkaSettings(files) : Settings(files));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var broker = new SecureBroker(port, files, isKafka ? KafkaScript : PipelinesBroker.Script(PipelinesBroker.Built! + " --config \"$SECURE\""));
        await broker.ReadyAsync();
        return broker;
    }

    /// <summary>A file with what a Java client needs to be a user.</summary>
    public string JavaClient(string user, string password, string mechanism)
    {
        string module = mechanism == "PLAIN" ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        string path = Path.Combine(files.FullName, $"{user}-{mechanism}.properties");
        File.WriteAllLines(
            path,
            [
                "security.protocol=SASL_SSL",
                "ssl.truststore.type=PEM",
                $"ssl.truststore.location={AuthorityPath}",
                $"sasl.mechanism={mechanism}",
                $"sasl.jaas.config=org.apache.kafka.common.security.{module} required username=\"{user}\" password=\"{password}\";",
            ]);
        return path;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        files.Delete(recursive: true);
    }

    private const string KafkaScript =
        """
        mkdir -p "$DATA.tmp"
        mapfile -t secure < <(sed "s/PORT_OF_CONTROLLER/$CONTROLLER_PORT/; s/PORT/$PORT/" "$SECURE")
        pid=$(HEAP=512m JAVA_OPTS="-Djava.io.tmpdir=$DATA.tmp" "$KAFKA_HOME/start.sh" "$DATA" "$PORT" $(cat "$SETTINGS") "${secure[@]}")
        """;

    private static string[] Settings(DirectoryInfo files) =>
    [
        $"ssl.certificate.location={CertificateIn(files)}",
        "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        $"user.admin={AdminPassword}",
        "super.users=User:admin",
    ];

    private static string[] KafkaSettings(DirectoryInfo files) =>
    [
        "listeners=SASL_SSL://127.0.0.1:PORT,CONTROLLER://127.0.0.1:PORT_OF_CONTROLLER",
        "advertised.listeners=SASL_SSL://127.0.0.1:PORT",
        "inter.broker.listener.name=SASL_SSL",
        "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol=PLAIN",
        "listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
            + $"username=\"admin\" password=\"{AdminPassword}\" user_admin=\"{AdminPassword}\";",
        "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "ssl.keystore.type=PEM",
        $"ssl.keystore.location={CertificateIn(files)}",
        "ssl.truststore.type=PEM",
        $"ssl.truststore.location={AuthorityIn(files)}",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        // The controller's listener is in the clear, within the process.
        "super.users=User:admin;User:ANONYMOUS",
    ];

    private static void MakeCertificates(DirectoryInfo files)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Conformance", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=broker", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(authority, now.AddHours(-1), now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(AuthorityIn(files), authority.ExportCertificatePem());
        File.WriteAllText(CertificateIn(files), $"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
    }

    private static string AuthorityIn(DirectoryInfo files) => Path.Combine(files.FullName, "ca.pem");

    private static string CertificateIn(DirectoryInfo files) => Path.Combine(files.FullName, "broker.pem");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
