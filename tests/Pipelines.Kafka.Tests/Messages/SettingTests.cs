using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Pipelines.Hosting;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>The same names in a file, in the environment and in code; a name that nobody reads is told.</summary>
public sealed class SettingTests
{
    private const string Prefix = "MESSAGES_";

    [Fact(Timeout = 60_000)]
    public async Task Settings_come_from_a_file_the_environment_and_code_by_the_same_names()
    {
        await using GuardedBroker broker = await GuardedBroker.StartAsync(Brokers.SeamKind.Shipped);
        Dictionary<string, string> login = broker.Settings().ToDictionary(static setting => setting.Name.Split(':')[^1], static setting => setting.Value);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        string json = $$"""
            { "Pipelines": { "Application": "app", "Broker": "{{login["Broker"]}}", "CommitInterval": "00:00:00.050",
              "Kafka": { "security.protocol": "sasl_plaintext", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "nobody", "request.timeout.ms": 5000 } } }
            """;
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        // Names of environment variables have no dots in most shells; a later source goes before an earlier one.
        Environment.SetEnvironmentVariable($"{Prefix}Pipelines__Kafka__sasl_username", login["sasl.username"]);
        Environment.SetEnvironmentVariable($"{Prefix}PIPELINES__KAFKA__SASL_PASSWORD", login["sasl.password"]);
        Environment.SetEnvironmentVariable($"{Prefix}Pipelines__DefaultPartitions", "3");
        builder.Configuration.AddEnvironmentVariables(Prefix);
        PipelinesOptions? seen = null;
        await using Started program = Started.Run(builder, new OneDetector("counter"), options =>
        {
            options.Kafka["sasl.mechanism"] = "PLAIN";
            seen = options;
        });
        // Alice has logged in; that she may do nothing comes after it.
        Assert.Contains("'User:alice' may not", await program.RefusedAsync(), StringComparison.Ordinal);
        Assert.Equal((3, TimeSpan.FromMilliseconds(50)), (seen!.DefaultPartitions, seen.CommitInterval));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("Pipelines:CommitIntervall", "00:00:01", "There is no setting 'Pipelines:CommitIntervall'. Did you mean 'Pipelines:CommitInterval'?")]
    [InlineData("Pipelines:Colour", "red", "There is no setting 'Pipelines:Colour'. There are Application, Broker, CommitInterval, ")]
    [InlineData("Pipelines:Kafka:sasl.usrname", "alice", "There is no setting 'sasl.usrname'. Did you mean 'sasl.username'?")]
    [InlineData("Pipelines:Kafka:bootstrap.server", "here:9092", "There is no setting 'bootstrap.server'. Did you mean 'bootstrap.servers'?")]
    [InlineData("Pipelines:Kafka:ssl.truststore.location", "trust.jks", "ssl.truststore.location is not read here: use ssl.ca.location.")]
    [InlineData("Pipelines:Kafka:sasl.jaas.config", "required password=hush-hush;", "sasl.jaas.config is not read here: use sasl.username and sasl.password.")]
    [InlineData("Pipelines:Kafka:enable.ssl.certificate.verification", "false", "enable.ssl.certificate.verification is 'false', but brokers are always checked: trust their authority with ssl.ca.location, and leave this out.")]
    [InlineData("Pipelines:Kafka:sasl:username", "alice", "'Pipelines:Kafka:sasl' has settings below it, but nothing reads them: write the whole name as one, such as 'Pipelines:Kafka:sasl.username'.")]
    [InlineData("Pipelines:Kafka:processing.guarantee", "at_most_once", "processing.guarantee is 'at_most_once', but it is exactly_once_v2 (the usual) or at_least_once: write one of them.")]
    [InlineData("Pipelines:Kafka:session.timeout.ms", "10s", "session.timeout.ms is '10s', but it is a number of milliseconds: write one above 0.")]
    [InlineData("Pipelines:CommitInterval", "soon", "Failed to convert configuration value 'soon' at 'Pipelines:CommitInterval' to type 'System.TimeSpan'.")]
    [InlineData("Pipelines:CommitInterval", "01:00:00", "Pipelines:CommitInterval is 01:00:00, but it must be between 00:00:00.0010000 and 00:01:00.")]
    public async Task Names_and_values_that_cannot_be_meant_are_told(string name, string value, string expected) =>
        Assert.Contains(expected, await Started.RefusedAsync(("Pipelines:Broker", "kafka://127.0.0.1:1"), (name, value)), StringComparison.Ordinal);

    [Theory(Timeout = 60_000)]
    [InlineData("linger.ms", "5")]
    [InlineData("ssl.crl.location", "list.pem")]
    [InlineData("ssl.endpoint.identification.algorithm", "https")]
    public async Task Settings_of_other_clients_that_mean_nothing_here_are_told(string name, string value)
    {
        await using Started program = Started.Run(("Pipelines:Broker", "kafka://127.0.0.1:1"), ($"Pipelines:Kafka:{name}", value));
        await program.WaitingAsync($"Setting Pipelines:Kafka:{name} has no effect");
    }
}
