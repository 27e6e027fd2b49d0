using Pipelines.Kafka.Tests.Brokers;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>The broker does not take the login, on the shipped broker and on Apache Kafka. No password is in any line.</summary>
public sealed class LoginTests
{
    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Logins_that_the_broker_does_not_take_are_told(SeamKind kind)
    {
        await using GuardedBroker broker = await GuardedBroker.StartAsync(kind);
        foreach (string mechanism in (string[])["PLAIN", "SCRAM-SHA-256"])
        {
            string refused = await Started.RefusedAsync(broker.Settings(mechanism, password: Started.Secret));
            Assert.Contains($"Broker {broker.Bootstrap} refused the login of alice ({mechanism}): ", refused, StringComparison.Ordinal);
            Assert.Contains("Correct sasl.username and sasl.password, or add the user at the broker", refused, StringComparison.Ordinal);
        }

        string unknown = await Started.RefusedAsync(broker.Settings(user: "nobody", password: Started.Secret));
        Assert.Contains("refused the login of nobody (PLAIN)", unknown, StringComparison.Ordinal);

        string mechanisms = await Started.RefusedAsync(broker.Settings("SCRAM-SHA-512", password: Started.Secret));
        Assert.Contains($"Broker {broker.Bootstrap} does not have the mechanism SCRAM-SHA-512; it has ", mechanisms, StringComparison.Ordinal);
        Assert.Contains("PLAIN", mechanisms, StringComparison.Ordinal);
        Assert.Contains("SCRAM-SHA-256", mechanisms, StringComparison.Ordinal);
        Assert.Contains("Set sasl.mechanism to one that the broker has.", mechanisms, StringComparison.Ordinal);

        string nobody = await Started.RefusedAsync(("Pipelines:Broker", $"kafka://{broker.Bootstrap}"));
        Assert.Contains($"Broker {broker.Bootstrap} demands a login with ", nobody, StringComparison.Ordinal);
        Assert.Contains("and there is none. Set security.protocol to sasl_plaintext, and sasl.mechanism, sasl.username and sasl.password.", nobody, StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), InlineData(SeamKind.Shipped), InlineData(SeamKind.ApacheKafka)]
    public async Task A_login_where_none_is_taken_is_told(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string line = await Started.RefusedAsync(
            ("Pipelines:Broker", $"kafka://{seam.Bootstrap}"),
            ("Pipelines:Kafka:security.protocol", "sasl_plaintext"),
            ("Pipelines:Kafka:sasl.mechanism", "PLAIN"),
            ("Pipelines:Kafka:sasl.username", "alice"),
            ("Pipelines:Kafka:sasl.password", Started.Secret));
        Assert.Contains($"Broker {seam.Bootstrap} takes no login, but alice (PLAIN) was to log in. Set security.protocol to plaintext, or give the port of a listener with logins.", line, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("", "sasl.username", "alice", "sasl.username is set, but security.protocol is 'plaintext', which has no login: set security.protocol to sasl_ssl, or sasl_plaintext without TLS, or leave sasl.username out.")]
    [InlineData("ssl", "sasl.password", Started.Secret, "sasl.password is set, but security.protocol is 'ssl', which has no login: set security.protocol to sasl_ssl, or leave sasl.password out.")]
    [InlineData("plaintext", "ssl.ca.location", "ca.pem", "ssl.ca.location is set, but security.protocol is 'plaintext', which has no TLS: set security.protocol to ssl, or leave ssl.ca.location out.")]
    [InlineData("sasl_plaintext", "sasl.username", "alice", "security.protocol is 'sasl_plaintext', but sasl.mechanism is not set: set it to the one of PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 that the broker has.")]
    [InlineData("sasl_plaintext", "sasl.mechanism", "PLAIN", "security.protocol is 'sasl_plaintext', but sasl.username is not set: set it, or leave the login out.")]
    [InlineData("sasl_plaintext", "sasl.mechanism", "GSSAPI", "sasl.mechanism is 'GSSAPI', but it is one of PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.")]
    [InlineData("sasl", "client.id", "x", "security.protocol is 'sasl', but it is one of plaintext, ssl, sasl_plaintext and sasl_ssl.")]
    public async Task Settings_that_do_not_go_together_are_told(string protocol, string setting, string value, string expected)
    {
        await using Started program = Started.Run(("Pipelines:Broker", "kafka://127.0.0.1:1"), ("Pipelines:Kafka:security.protocol", protocol), ($"Pipelines:Kafka:{setting}", value));
        Assert.Equal(1, await program.Ending);
        Assert.Contains(program.Log.All, line => line.Contains(expected, StringComparison.Ordinal));
    }
}
