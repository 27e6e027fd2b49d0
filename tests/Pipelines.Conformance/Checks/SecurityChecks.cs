using Pipelines.Conformance.Brokers;
using Pipelines.Conformance.Programs;

namespace Pipelines.Conformance.Checks;

/// <summary>Stock clients over TLS with a login: who gets in, and who may do what.</summary>
public sealed class SecurityChecks(SecureBench bench) : IClassFixture<SecureBench>
{
    private const string Tools = "org.apache.kafka.tools.";

    [Theory, OnEachBroker]
    public async Task Kcat_logs_in_with_a_plain_password(BrokerKind kind)
    {
        SecureBroker broker = await bench.BrokerAsync(kind);
        string topic = Bench.Unique("secure");
        (await Kcat(broker, "admin", SecureBroker.AdminPassword, "PLAIN", $"-P -t {topic}", "hello\n")).Succeeded();
        Assert.Equal("hello\n", (await Kcat(broker, "admin", SecureBroker.AdminPassword, "PLAIN", $"-C -t {topic} -o beginning -e -q")).Succeeded().Output);
    }

    [Theory, OnEachBroker]
    public async Task Kcat_is_told_that_its_password_is_wrong(BrokerKind kind)
    {
        CommandResult refused = await Kcat(await bench.BrokerAsync(kind), "admin", "guessed", "PLAIN", "-L -m 3");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("SASL authentication error", refused.Errors, StringComparison.Ordinal);
    }

    [Theory, OnEachBroker]
    public async Task Users_are_made_and_log_in_with_scram(BrokerKind kind)
    {
        SecureBroker broker = await bench.BrokerAsync(kind);
        string user = Bench.Unique("user"), topic = Bench.Unique("scram");
        await MakeUserAsync(broker, user);
        string described = await Admin(broker, "kafka.admin.ConfigCommand", "--describe", "--entity-type", "users", "--entity-name", user);
        Assert.Contains("SCRAM-SHA-256=iterations=4096", described, StringComparison.Ordinal);
        Assert.Contains("SCRAM-SHA-512=iterations=8192", described, StringComparison.Ordinal);
        await Admin(broker, "TopicCommand", "--create", "--topic", topic);
        await Admin(broker, "AclCommand", "--add", "--allow-principal", $"User:{user}", "--operation", "All", "--topic", topic);
        foreach (string mechanism in new[] { "SCRAM-SHA-256", "SCRAM-SHA-512" })
        {
            await Java(broker, broker.JavaClient(user, "user-secret", mechanism), "ConsoleProducer", ["--topic", topic], "hello\n");
            // Apache Kafka from 4.0 on does not take what librdkafka before 2.6.1 sends; see docs/conformance.md.
            if (kind == BrokerKind.Pipelines) (await Kcat(broker, user, "user-secret", mechanism, $"-P -t {topic}", "hello\n")).Succeeded();
        }

        string offsets = await Admin(broker, "GetOffsetShell", "--topic", topic);
        Assert.Equal(kind == BrokerKind.Pipelines ? $"{topic}:0:4" : $"{topic}:0:2", offsets.Trim());
    }

    [Theory, OnEachBroker]
    public async Task Rules_allow_by_prefix_and_deny_by_name(BrokerKind kind)
    {
        SecureBroker broker = await bench.BrokerAsync(kind);
        string user = Bench.Unique("user"), prefix = Bench.Unique("ruled");
        await MakeUserAsync(broker, user);
        foreach (string topic in new[] { "open", "closed" }) await Admin(broker, "TopicCommand", "--create", "--topic", $"{prefix}-{topic}");
        await Admin(broker, "AclCommand", "--add", "--allow-principal", $"User:{user}", "--operation", "Write", "--topic", prefix, "--resource-pattern-type", "prefixed");
        await Admin(broker, "AclCommand", "--add", "--deny-principal", $"User:{user}", "--operation", "Write", "--topic", $"{prefix}-closed");
        string client = broker.JavaClient(user, "user-secret", "SCRAM-SHA-512");
        await Java(broker, client, "ConsoleProducer", ["--topic", $"{prefix}-open"], "hello\n");
        CommandResult refused = await RunAsync(broker, client, "ConsoleProducer", ["--topic", $"{prefix}-closed"], "hello\n");
        Assert.Contains("TopicAuthorizationException", refused.Output + refused.Errors, StringComparison.Ordinal);
        CommandResult nosy = await RunAsync(broker, client, "AclCommand", ["--list"]);
        Assert.Contains("ClusterAuthorizationException", nosy.Output + nosy.Errors, StringComparison.Ordinal);

        string rules = await Admin(broker, "AclCommand", "--list", "--principal", $"User:{user}");
        Assert.Contains($"(principal=User:{user}, host=*, operation=WRITE, permissionType=ALLOW)", rules, StringComparison.Ordinal);
        Assert.Contains($"(principal=User:{user}, host=*, operation=WRITE, permissionType=DENY)", rules, StringComparison.Ordinal);
        await Admin(broker, "AclCommand", "--remove", "--force", "--deny-principal", $"User:{user}", "--operation", "Write", "--topic", $"{prefix}-closed");
        await Java(broker, client, "ConsoleProducer", ["--topic", $"{prefix}-closed"], "hello\n");
        Assert.Equal($"{prefix}-closed:0:1", (await Admin(broker, "GetOffsetShell", "--topic", $"{prefix}-closed")).Trim());
    }

    private static Task<CommandResult> Kcat(SecureBroker broker, string user, string password, string mechanism, string arguments, string? input = null)
    {
        Waiting.For(Client.Found("kcat") ? null : "kcat (run eng/install-test-tools.sh)");
        string[] login =
        [
            "-b", broker.Bootstrap, "-X", "security.protocol=SASL_SSL", "-X", $"ssl.ca.location={broker.AuthorityPath}", "-X", $"sasl.mechanism={mechanism}",
            "-X", $"sasl.username={user}", "-X", $"sasl.password={password}",
        ];
        return Command.RunAsync("kcat", [.. login, .. arguments.Split(' ')], input, 30);
    }

    /// <summary>One mechanism at a time: Apache Kafka takes a user only once in a request.</summary>
    private static async Task MakeUserAsync(SecureBroker broker, string user)
    {
        foreach (string credential in new[] { "SCRAM-SHA-256=[password=user-secret]", "SCRAM-SHA-512=[iterations=8192,password=user-secret]" })
            await Admin(broker, "kafka.admin.ConfigCommand", "--alter", "--entity-type", "users", "--entity-name", user, "--add-config", credential);
    }

    private static Task<string> Admin(SecureBroker broker, string tool, params string[] arguments) =>
        Java(broker, broker.JavaClient("admin", SecureBroker.AdminPassword, "PLAIN"), tool, arguments);

    private static async Task<string> Java(SecureBroker broker, string client, string tool, string[] arguments, string? input = null) =>
        (await RunAsync(broker, client, tool, arguments, input)).Succeeded().Output;

    private static Task<CommandResult> RunAsync(SecureBroker broker, string client, string tool, string[] arguments, string? input = null)
    {
        Waiting.For(Client.JavaMissing());
        string type = tool.StartsWith("kafka.", StringComparison.Ordinal) ? tool : Tools + tool;
        return JavaProgram.RunAsync(type, ["--bootstrap-server", broker.Bootstrap, "--command-config", client, .. arguments], input, logLevel: "error");
    }
}
