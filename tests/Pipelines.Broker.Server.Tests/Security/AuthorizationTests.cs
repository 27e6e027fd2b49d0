using Pipelines.Broker.Security;
using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Protocol.Security;
using Pipelines.Tests;

namespace Pipelines.Broker.Server.Tests.Security;

/// <summary>Who may do what, as clients see it.</summary>
public sealed class AuthorizationTests
{
    private readonly LogLines log = new();

    [Fact]
    public async Task Nothing_is_allowed_without_a_rule_and_refusals_are_logged()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        Assert.Equal(ErrorCode.None, await admin.CreateTopicAsync("orders"));

        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.ProduceAsync("orders"));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.FetchAsync("orders"));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.CreateTopicAsync("others"));
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, await alice.AllowAsync("alice", Operation.All, ResourceKind.Topic, "*"));
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, await alice.SetPasswordAsync("eve", "secret"));
        Assert.Empty((await alice.SendAsync(new MetadataRequest { Topics = null })).Topics);
        await log.FindAsync("Warning: User:alice at 127.0.0.1 may not Write Topic 'orders', asked with Produce.");
        await log.FindAsync("Warning: User:alice at 127.0.0.1 may not Alter Cluster 'kafka-cluster', asked with CreateAcls");
    }

    [Fact]
    public async Task Refusals_that_repeat_are_logged_once_in_a_while()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        for (int i = 0; i < 20; i++) Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.ProduceAsync("orders"));
        Assert.Single(log.All, static line => line.Contains("may not Write", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rule_takes_effect_at_once_and_so_does_its_end()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        await admin.CreateTopicAsync("orders");
        Assert.Equal(ErrorCode.None, await admin.AllowAsync("alice", Operation.Write, ResourceKind.Topic, "orders"));
        Assert.Equal(ErrorCode.None, await alice.ProduceAsync("orders"));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.FetchAsync("orders"));
        Assert.Equal("orders", (await alice.SendAsync(new MetadataRequest { Topics = null })).Topics.Single().Name);

        DeleteAclsResponse deleted = await admin.SendAsync(new DeleteAclsRequest
        {
            Filters =
            [
                new()
                {
                    ResourceTypeFilter = (sbyte)ResourceKind.Any,
                    ResourceNameFilter = null,
                    PatternTypeFilter = (sbyte)PatternKind.Any,
                    PrincipalFilter = "User:alice",
                    HostFilter = null,
                    Operation = (sbyte)Operation.Any,
                    PermissionType = (sbyte)Permission.Any,
                },
            ],
        });
        Assert.Equal("orders", deleted.FilterResults.Single().MatchingAcls.Single().ResourceName);
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.ProduceAsync("orders"));
        await log.FindAsync("Information: User:admin at 127.0.0.1 has added the rule: Allow User:alice at * to Write Topic Literal 'orders'.");
        await log.FindAsync("Information: User:admin at 127.0.0.1 has deleted the rule: Allow User:alice at * to Write Topic Literal 'orders'.");
    }

    [Fact]
    public async Task Deny_wins_and_prefixes_count()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        await admin.AllowAsync("alice", Operation.All, ResourceKind.Topic, "orders.", PatternKind.Prefixed);
        await admin.DenyAsync("alice", Operation.Write, ResourceKind.Topic, "orders.secret");
        Assert.Equal(ErrorCode.None, await alice.CreateTopicAsync("orders.eu"));
        Assert.Equal(ErrorCode.None, await alice.CreateTopicAsync("orders.secret"));
        Assert.Equal(ErrorCode.None, await alice.ProduceAsync("orders.eu"));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.ProduceAsync("orders.secret"));
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.CreateTopicAsync("orders"));
    }

    [Fact]
    public async Task Groups_and_transactional_ids_have_rules_of_their_own()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        await admin.CreateTopicAsync("orders");
        await admin.AllowAsync("alice", Operation.All, ResourceKind.Topic, "orders");
        var join = new JoinGroupRequest { GroupId = "readers", SessionTimeoutMs = 10_000, RebalanceTimeoutMs = 10_000, ProtocolType = "consumer", Protocols = [new() { Name = "range" }] };
        var open = new InitProducerIdRequest { TransactionalId = "copy", TransactionTimeoutMs = 10_000, ProducerId = -1, ProducerEpoch = -1 };
        Assert.Equal((short)ErrorCode.GroupAuthorizationFailed, (await alice.SendAsync(join)).ErrorCode);
        Assert.Equal((short)ErrorCode.TransactionalIdAuthorizationFailed, (await alice.SendAsync(open)).ErrorCode);

        await admin.AllowAsync("alice", Operation.Read, ResourceKind.Group, "readers");
        await admin.AllowAsync("alice", Operation.Write, ResourceKind.TransactionalId, "copy");
        Assert.Equal((short)ErrorCode.MemberIdRequired, (await alice.SendAsync(join)).ErrorCode);
        Assert.Equal((short)ErrorCode.None, (await alice.SendAsync(open)).ErrorCode);
    }

    [Fact]
    public async Task Transactional_batch_needs_its_transactional_id()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        await admin.CreateTopicAsync("orders");
        await admin.AllowAsync("alice", Operation.Write, ResourceKind.Topic, "orders");
        InitProducerIdResponse opened = await admin.SendAsync(new InitProducerIdRequest { TransactionalId = "copy", TransactionTimeoutMs = 10_000, ProducerId = -1, ProducerEpoch = -1 });
        var producer = new BatchProducer(opened.ProducerId, opened.ProducerEpoch, 0, IsTransactional: true);
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, await alice.ProduceAsync("orders", transactionalId: null, producer));
        Assert.Equal(ErrorCode.TransactionalIdAuthorizationFailed, await alice.ProduceAsync("orders", transactionalId: "copy", producer));
    }

    [Fact]
    public async Task Idempotence_needs_a_topic_to_write_or_the_cluster()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        await using BrokerConnection bob = await broker.ConnectAsync("bob");
        var open = new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 10_000, ProducerId = -1, ProducerEpoch = -1 };
        Assert.Equal((short)ErrorCode.ClusterAuthorizationFailed, (await alice.SendAsync(open)).ErrorCode);
        await log.FindAsync("User:alice at 127.0.0.1 may not IdempotentWrite Cluster 'kafka-cluster', asked with InitProducerId");
        await admin.AllowAsync("alice", Operation.Write, ResourceKind.Topic, "later", PatternKind.Prefixed);
        await admin.AllowAsync("bob", Operation.IdempotentWrite, ResourceKind.Cluster, "kafka-cluster");
        Assert.Equal((short)ErrorCode.None, (await alice.SendAsync(open)).ErrorCode);
        Assert.Equal((short)ErrorCode.None, (await bob.SendAsync(open)).ErrorCode);
    }

    [Fact]
    public async Task Everybody_may_use_what_no_rule_is_about_when_the_settings_say_so()
    {
        await using EmbeddedBroker broker = await StartAsync(allowsEveryone: true);
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await using BrokerConnection alice = await broker.ConnectAsync("alice");
        await admin.CreateTopicAsync("orders");
        await admin.CreateTopicAsync("others");
        await admin.AllowAsync("bob", Operation.Write, ResourceKind.Topic, "orders");
        Assert.Equal(ErrorCode.TopicAuthorizationFailed, await alice.ProduceAsync("orders"));
        Assert.Equal(ErrorCode.None, await alice.ProduceAsync("others"));
    }

    [Theory]
    [InlineData("Topic", "Literal", "", "User:alice", "*", "Read", "Allow")]
    [InlineData("Topic", "Match", "orders", "User:alice", "*", "Read", "Allow")]
    [InlineData("Topic", "Literal", "orders", "alice", "*", "Read", "Allow")]
    [InlineData("Topic", "Literal", "orders", "User:alice", "", "Read", "Allow")]
    [InlineData("Topic", "Literal", "orders", "User:alice", "*", "Any", "Allow")]
    [InlineData("Topic", "Literal", "orders", "User:alice", "*", "Read", "Any")]
    [InlineData("Any", "Literal", "orders", "User:alice", "*", "Read", "Allow")]
    [InlineData("Cluster", "Literal", "mine", "User:alice", "*", "Alter", "Allow")]
    public async Task Rule_that_is_none_is_refused(string kind, string pattern, string name, string principal, string host, string operation, string permission)
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        var rule = new AclRule(Enum.Parse<ResourceKind>(kind), Enum.Parse<PatternKind>(pattern), name, principal, host, Enum.Parse<Operation>(operation), Enum.Parse<Permission>(permission));
        Assert.Equal(ErrorCode.InvalidRequest, await admin.CreateAclAsync(rule));
        Assert.Empty(broker.Engine.Acls);
    }

    [Fact]
    public async Task Rules_are_found_by_what_they_apply_to()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection admin = await broker.ConnectAsync("admin");
        await admin.AllowAsync("alice", Operation.Read, ResourceKind.Topic, "orders");
        await admin.AllowAsync("alice", Operation.Write, ResourceKind.Topic, "ord", PatternKind.Prefixed);
        await admin.DenyAsync("bob", Operation.Read, ResourceKind.Topic, "*");
        await admin.AllowAsync("alice", Operation.Read, ResourceKind.Group, "orders");
        DescribeAclsRequest Ask(PatternKind pattern, string? name) => new()
        {
            ResourceTypeFilter = (sbyte)ResourceKind.Topic,
            PatternTypeFilter = (sbyte)pattern,
            ResourceNameFilter = name,
            PrincipalFilter = null,
            HostFilter = null,
            Operation = (sbyte)Operation.Any,
            PermissionType = (sbyte)Permission.Any,
        };
        async Task<string> NamesAsync(PatternKind pattern, string? name) =>
            string.Join(' ', (await admin.SendAsync(Ask(pattern, name))).Resources.Select(static resource => resource.ResourceName));
        Assert.Equal("* ord orders", await NamesAsync(PatternKind.Any, null));
        Assert.Equal("orders", await NamesAsync(PatternKind.Literal, "orders"));
        Assert.Equal("* ord orders", await NamesAsync(PatternKind.Match, "orders"));
        Assert.Equal("* ord", await NamesAsync(PatternKind.Match, "orders.eu"));
        Assert.Equal("ord", await NamesAsync(PatternKind.Prefixed, null));
    }

    [Fact]
    public async Task Without_authorization_there_are_no_lists()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await using BrokerConnection anybody = await broker.ConnectAsync();
        Assert.Equal(ErrorCode.SecurityDisabled, await anybody.AllowAsync("alice", Operation.Read, ResourceKind.Topic, "orders"));
    }

    private Task<EmbeddedBroker> StartAsync(bool allowsEveryone = false) => EmbeddedBroker.StartAsync(options: new BrokerServerOptions
    {
        Sasl = new SaslOptions { Mechanisms = [SaslMechanism.ScramSha256], Users = new Dictionary<string, string> { ["admin"] = "secret", ["alice"] = "secret", ["bob"] = "secret" } },
        Authorization = new AuthorizationOptions { SuperUsers = ["User:admin"], AllowsEveryoneIfNoAcl = allowsEveryone },
        LoggerFactory = log,
    });
}
