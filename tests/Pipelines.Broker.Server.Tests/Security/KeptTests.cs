using Pipelines.Broker.Disk;
using Pipelines.Broker.Security;
using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;
using Pipelines.Tests;

namespace Pipelines.Broker.Server.Tests.Security;

/// <summary>What the log keeps of users and rules.</summary>
public sealed class KeptTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-kept-");
    private readonly LogLines log = new();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Users_and_rules_survive_a_restart()
    {
        await using (EmbeddedBroker broker = await StartAsync())
        {
            await using BrokerConnection admin = await broker.ConnectAsync("admin");
            Assert.Equal(ErrorCode.None, await admin.SetPasswordAsync("alice", "first"));
            Assert.Equal(ErrorCode.None, await admin.SetPasswordAsync("alice", "second"));
            Assert.Equal(ErrorCode.None, await admin.SetPasswordAsync("alice", "third", SaslMechanism.ScramSha512, 8192));
            Assert.Equal(ErrorCode.None, await admin.SetPasswordAsync("bob", "secret"));
            Assert.Equal(ErrorCode.None, await admin.SetPasswordAsync("bob", null));
            await admin.CreateTopicAsync("orders");
            await admin.AllowAsync("alice", Operation.Write, ResourceKind.Topic, "ord", PatternKind.Prefixed);
            await admin.AllowAsync("alice", Operation.Read, ResourceKind.Topic, "orders");
            await admin.SendAsync(new DeleteAclsRequest
            {
                Filters =
                [
                    new()
                    {
                        ResourceTypeFilter = (sbyte)ResourceKind.Topic,
                        ResourceNameFilter = "orders",
                        PatternTypeFilter = (sbyte)PatternKind.Literal,
                        PrincipalFilter = null,
                        HostFilter = null,
                        Operation = (sbyte)Operation.Read,
                        PermissionType = (sbyte)Permission.Any,
                    },
                ],
            });
            await CheckAsync(broker);
        }

        await using EmbeddedBroker again = await StartAsync();
        await CheckAsync(again);
    }

    [Fact]
    public async Task Users_and_rules_survive_a_rewrite_of_the_journal()
    {
        var options = new EngineOptions { Disk = new PhysicalDisk(folder.FullName), Durability = Durability.Os, JournalBytes = 4096 };
        var rule = new AclRule(ResourceKind.Topic, PatternKind.Literal, "orders", "User:alice", "*", Operation.Read, Permission.Allow);
        var keys = ScramKeys.Of(ScramHash.Sha256, "secret");
        await using (LogEngine engine = await LogEngine.OpenAsync(options))
        {
            await engine.CreateAclsAsync([rule]);
            await engine.ChangeCredentialsAsync([new ScramChange("alice", SaslMechanism.ScramSha256, keys)]);
            for (int i = 0; i < 1000; i++) await engine.OpenProducerAsync();
        }

        Assert.InRange(new FileInfo(Path.Combine(folder.FullName, "journal")).Length, 1, 20_000);
        await using LogEngine again = await LogEngine.OpenAsync(options);
        Assert.Equal(rule, Assert.Single(again.Acls));
        ScramKeys kept = again.Credentials[("alice", SaslMechanism.ScramSha256)];
        Assert.True(kept.IsPassword(ScramHash.Sha256, "secret"));
        Assert.Equal(keys.ServerKey.ToArray(), kept.ServerKey.ToArray());
    }

    [Fact]
    public async Task Credentials_are_checked_before_they_are_kept()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        Assert.Equal(ErrorCode.UnacceptableCredential, await admin.SetPasswordAsync("alice", "secret", iterations: 4095));
        Assert.Equal(ErrorCode.UnacceptableCredential, await admin.SetPasswordAsync("", "secret"));
        Assert.Equal(ErrorCode.UnacceptableCredential, await admin.SetPasswordAsync("admin", "other"));
        Assert.Equal(ErrorCode.UnsupportedSaslMechanism, await admin.SetPasswordAsync("alice", "secret", (SaslMechanism)3));
        Assert.Equal(ErrorCode.ResourceNotFound, await admin.SetPasswordAsync("alice", null));
        Assert.Empty(broker.Engine.Credentials);
        Assert.DoesNotContain(log.All, static line => line.Contains("secret", StringComparison.Ordinal));
    }

    private static async Task CheckAsync(EmbeddedBroker broker)
    {
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        DescribeUserScramCredentialsResponse users = await admin.SendAsync(new DescribeUserScramCredentialsRequest { Users = null });
        DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult only = Assert.Single(users.Results);
        Assert.Equal("alice", only.User);
        Assert.Equal([(1, 4096), (2, 8192)], only.CredentialInfos.Select(static info => ((int)info.Mechanism, info.Iterations)));

        await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.ConnectAsync("alice", "first"));
        await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.ConnectAsync("bob"));
        await using BrokerConnection alice = await broker.ConnectAsync("alice", "second");
        await using BrokerConnection same = await broker.ConnectAsync(new SaslCredentials(SaslMechanism.ScramSha512, "alice", "third"));
        Assert.Equal(ErrorCode.None, await alice.ProduceAsync("orders"));
        Assert.Equal(ErrorCode.None, await same.ProduceAsync("orders"));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.FetchAsync("orders"));
    }

    private Task<EmbeddedBroker> StartAsync() => EmbeddedBroker.StartAsync(folder.FullName, new BrokerServerOptions
    {
        Sasl = new SaslOptions { Users = new Dictionary<string, string> { ["admin"] = "secret" } },
        Authorization = new AuthorizationOptions { SuperUsers = ["User:admin"] },
        LoggerFactory = log,
    });
}
