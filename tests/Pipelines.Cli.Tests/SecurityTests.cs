using Pipelines.Broker.Server;
using Pipelines.Tests;

namespace Pipelines.Cli.Tests;

public sealed class SecurityTests : IDisposable
{
    private readonly Certificates certificates = new();

    public void Dispose() => certificates.Dispose();

    [Fact]
    public async Task A_user_logs_in_over_tls()
    {
        await using Tool tool = await StartAsync("secret");
        string trusted = $" --tls-ca {certificates.AuthorityPath} --user alice";
        await tool.LinesAsync("topics create ticks" + trusted);
        await tool.LinesAsync("produce ticks" + trusted + " --mechanism scram-sha-512", "a\n");
        Assert.Equal(["\ta"], await tool.LinesAsync("consume ticks --exit" + trusted));
    }

    [Fact]
    public async Task Whoever_is_not_trusted_or_known_is_told_so_in_a_line()
    {
        await using Tool tool = await StartAsync("guessed");
        Outcome wrong = await tool.RunAsync($"topics list --tls-ca {certificates.AuthorityPath} --user alice");
        Outcome untrusting = await tool.RunAsync("topics list --tls");
        Outcome plain = await tool.RunAsync("topics list");
        Outcome nobody = await tool.RunAsync($"topics list --tls-ca {certificates.AuthorityPath}");
        foreach ((Outcome refused, string advice) in ((Outcome, string)[])[(wrong, "Correct --user, --mechanism or the password in PIPELINES_PASSWORD."), (untrusting, "with --tls-ca FILE."), (plain, "Connect with --tls."), (nobody, "Log in with --user NAME")])
        {
            Assert.Equal(ExitCodes.Failed, refused.Code);
            Assert.Contains(advice, Assert.Single(refused.Error.Trim().Split('\n')), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_password_has_to_be_in_the_environment()
    {
        await using Tool tool = await StartAsync(null);
        Outcome outcome = await tool.RunAsync("topics list --tls --user alice");
        Assert.Equal((ExitCodes.Usage, true), (outcome.Code, outcome.Error.Contains("PIPELINES_PASSWORD")));
    }

    private Task<Tool> StartAsync(string? password) => Tool.StartAsync(
        new BrokerServerOptions
        {
            Tls = TlsOptions.FromPem(certificates.ServerPath, certificates.KeyPath),
            Sasl = new SaslOptions { Users = new Dictionary<string, string> { ["alice"] = "secret" } },
        },
        password);
}
