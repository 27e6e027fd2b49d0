using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Pipelines.Hosting;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>Passwords are in no line of any level, no exception, no text of an object, and not in what the health check answers.</summary>
public sealed class SecretTests
{
    private static readonly (string Name, string Value)[] Secrets =
    [
        ("sasl.password", Started.Secret),
        ("ssl.key.password", Started.Secret),
        ("sasl.jaas.config", $"required password={Started.Secret};"),
        ("ssl.keystore.password", Started.Secret),
        ("sasl.oauthbearer.client.secret", Started.Secret),
        ("bootstrap.servers", $"alice:{Started.Secret}@127.0.0.1:1"),
        ("Pipelines:Broker", $"kafka://{Started.Secret}@127.0.0.1:1"),
        ("Pipelines:Broker", $"https://127.0.0.1:1/?token={Started.Secret}"),
        ("Pipelines:Broker", $"{Started.Secret}@127.0.0.1:1"),
    ];

    [Fact(Timeout = 120_000)]
    public async Task No_setting_that_holds_a_secret_comes_back_out()
    {
        foreach ((string name, string value) in Secrets)
        {
            foreach (string protocol in (string[])["plaintext", "ssl", "sasl_plaintext"])
            {
                var settings = new List<(string, string)> { ("Pipelines:Kafka:security.protocol", protocol), (name.StartsWith("Pipelines", StringComparison.Ordinal) ? name : $"Pipelines:Kafka:{name}", value) };
                if (name != "Pipelines:Broker") settings.Add(("Pipelines:Broker", "kafka://127.0.0.1:1"));
                await using Started program = Started.Run(settings);
                await Task.WhenAny(program.Ending, Task.Delay(1_500));
                Assert.NotEmpty(program.Log.All);
            }
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_login_leaves_no_trace_of_its_password()
    {
        await using GuardedBroker broker = await GuardedBroker.StartAsync(SeamKind.Shipped);
        foreach (string mechanism in (string[])["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            var log = new LogLines();
            builder.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerFactory>(log);
            builder.Services.AddPipelines(options =>
            {
                options.Broker = $"kafka://{broker.Bootstrap}";
                options.Kafka["security.protocol"] = "sasl_plaintext";
                options.Kafka["sasl.mechanism"] = mechanism;
                options.Kafka["sasl.username"] = "alice";
                options.Kafka["sasl.password"] = Started.Secret;
            }).AddDeployment(new OneDetector("counter"));
            using IHost host = builder.Build();
            Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
            PipelinesOptions options = host.Services.GetRequiredService<IOptions<PipelinesOptions>>().Value;
            KafkaOptions kafka = options.ToKafkaOptions(TimeProvider.System, [])!;
            HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
            HealthReportEntry entry = Assert.Single(health.Entries).Value;
            Assert.Equal(HealthStatus.Unhealthy, entry.Status);
            Assert.Contains(broker.Bootstrap, entry.Description, StringComparison.Ordinal);
            string[] texts = [thrown.ToString(), options.ToString()!, kafka.ToString(), kafka.Connection.ToString(), kafka.Connection.Credentials!.ToString(), $"{entry.Description} {entry.Exception}", .. log.All];
            Assert.All(texts, static text => Assert.DoesNotContain(Started.Secret, text, StringComparison.OrdinalIgnoreCase));
            Assert.Contains("alice", kafka.ToString(), StringComparison.Ordinal);
        }
    }
}
