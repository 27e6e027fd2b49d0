using Pipelines.Broker.Server;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Security;
using Pipelines.Tests.Brokers;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>A broker with logins and rules, of either make: alice may do nothing, the administrator everything.</summary>
internal sealed class GuardedBroker : IAsyncDisposable
{
    private const string Password = "right-password";
    private readonly IAsyncDisposable broker;

    private GuardedBroker(IAsyncDisposable broker, string bootstrap, KafkaOptions administrator)
    {
        this.broker = broker;
        Bootstrap = bootstrap;
        AdministratorOptions = administrator;
    }

    /// <summary>Where alice logs in.</summary>
    internal string Bootstrap { get; }

    /// <summary>Where and how the administrator does.</summary>
    internal KafkaOptions AdministratorOptions { get; }

    /// <summary>What a program of alice's is set to, but for what a test says otherwise.</summary>
    internal IEnumerable<(string Name, string Value)> Settings(string? mechanism = "PLAIN", string user = "alice", string password = Password) =>
    [
        ("Pipelines:Broker", $"kafka://{Bootstrap}"),
        ("Pipelines:Kafka:security.protocol", "sasl_plaintext"),
        ("Pipelines:Kafka:sasl.mechanism", mechanism ?? ""),
        ("Pipelines:Kafka:sasl.username", user),
        ("Pipelines:Kafka:sasl.password", password),
    ];

    internal static async Task<GuardedBroker> StartAsync(SeamKind kind)
    {
        if (kind == SeamKind.Shipped)
        {
            EmbeddedBroker shipped = await EmbeddedBroker.StartAsync(options: new BrokerServerOptions
            {
                Sasl = new SaslOptions
                {
                    Mechanisms = [SaslMechanism.Plain, SaslMechanism.ScramSha256],
                    Users = new Dictionary<string, string> { ["alice"] = Password, ["admin"] = Password },
                },
                Authorization = new AuthorizationOptions { SuperUsers = ["User:admin"] },
            });
            var administrator = new BrokerConnectionOptions { Credentials = new SaslCredentials(SaslMechanism.Plain, "admin", Password) };
            return new GuardedBroker(shipped, shipped.BootstrapServers, new KafkaOptions { Bootstrap = [(shipped.Address.Host, shipped.Address.Port)], Connection = administrator });
        }

        SeamBroker.RequireApache();
        int inner = ChildBroker.FreePort();
        const string Modules = "org.apache.kafka.common.security";
        ApacheKafka apache = await ApacheKafka.StartAsync(
            $"listeners=SASL_PLAINTEXT://127.0.0.1:{{port}},INNER://127.0.0.1:{inner},CONTROLLER://127.0.0.1:{{controller}}",
            $"advertised.listeners=SASL_PLAINTEXT://127.0.0.1:{{port}},INNER://127.0.0.1:{inner}",
            "listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name=INNER",
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256",
            $"listener.name.sasl_plaintext.plain.sasl.jaas.config={Modules}.plain.PlainLoginModule required user_alice=\"{Password}\";",
            $"listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config={Modules}.scram.ScramLoginModule required;",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users=User:ANONYMOUS");
        return new GuardedBroker(apache, apache.Bootstrap, new KafkaOptions { Bootstrap = [("127.0.0.1", inner)] });
    }

    internal Task<BrokerConnection> AdministerAsync() =>
        BrokerConnection.ConnectAsync(AdministratorOptions.Bootstrap[0].Host, AdministratorOptions.Bootstrap[0].Port, AdministratorOptions.Connection);

    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
