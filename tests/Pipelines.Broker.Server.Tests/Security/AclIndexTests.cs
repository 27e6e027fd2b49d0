using Pipelines.Broker.Security;
using Pipelines.Broker.Server.Security;

namespace Pipelines.Broker.Server.Tests.Security;

/// <summary>What rules say, by themselves.</summary>
public sealed class AclIndexTests
{
    private const string Alice = "User:alice";

    [Theory]
    [InlineData("Read", "Read", true)]
    [InlineData("Read", "Describe", true)]
    [InlineData("Write", "Describe", true)]
    [InlineData("Delete", "Describe", true)]
    [InlineData("Alter", "Describe", true)]
    [InlineData("AlterConfigs", "DescribeConfigs", true)]
    [InlineData("All", "Write", true)]
    [InlineData("Create", "Describe", false)]
    [InlineData("Describe", "Read", false)]
    [InlineData("Write", "Read", false)]
    [InlineData("AlterConfigs", "Describe", false)]
    public void Operation_implies_others(string allowed, string asked, bool isAllowed) =>
        Assert.Equal(isAllowed ? Verdict.Allowed : Verdict.NotAllowed, Judge(asked, "orders", Allow("orders", allowed)));

    [Theory]
    [InlineData("orders", "Literal", "orders", true)]
    [InlineData("orders", "Literal", "orders.eu", false)]
    [InlineData("orders", "Prefixed", "orders", true)]
    [InlineData("orders", "Prefixed", "orders.eu", true)]
    [InlineData("orders", "Prefixed", "order", false)]
    [InlineData("*", "Literal", "anything", true)]
    [InlineData("*", "Prefixed", "anything", false)]
    public void Pattern_covers_names(string name, string pattern, string asked, bool isCovered) =>
        Assert.Equal(isCovered ? Verdict.Allowed : Verdict.NoRules, Judge("Read", asked, Allow(name, "Read") with { Pattern = Enum.Parse<PatternKind>(pattern) }));

    [Theory]
    [InlineData("User:alice", "*", true)]
    [InlineData("User:alice", "10.0.0.1", true)]
    [InlineData("User:*", "10.0.0.1", true)]
    [InlineData("User:alice", "10.0.0.2", false)]
    [InlineData("User:bob", "*", false)]
    [InlineData("Group:alice", "*", false)]
    public void Rule_is_about_who_asks_from_where(string principal, string host, bool isAbout) =>
        Assert.Equal(isAbout ? Verdict.Allowed : Verdict.NotAllowed, Judge("Read", "orders", Allow("orders", "Read") with { Principal = principal, Host = host }));

    [Theory]
    [InlineData("orders", "Literal", "Read")]
    [InlineData("ord", "Prefixed", "Read")]
    [InlineData("*", "Literal", "Read")]
    [InlineData("orders", "Literal", "All")]
    public void Deny_wins_over_allow(string name, string pattern, string operation) =>
        Assert.Equal(Verdict.Denied, Judge("Read", "orders", Allow("orders", "Read"), Deny(name, operation) with { Pattern = Enum.Parse<PatternKind>(pattern) }));

    [Fact]
    public void Denied_read_leaves_describe() =>
        Assert.Equal(Verdict.Allowed, Judge("Describe", "orders", Allow("orders", "Write"), Deny("orders", "Read")));

    [Fact]
    public void Rules_of_another_kind_do_not_count() =>
        Assert.Equal(Verdict.NoRules, Judge("Read", "orders", Allow("orders", "Read") with { Kind = ResourceKind.Group }));

    [Fact]
    public void Some_topic_may_be_written()
    {
        Assert.Equal(Verdict.NoRules, JudgeAny());
        Assert.Equal(Verdict.NoRules, JudgeAny(Allow("orders", "Read")));
        Assert.Equal(Verdict.Allowed, JudgeAny(Allow("orders", "Write")));
        Assert.Equal(Verdict.Allowed, JudgeAny(Allow("orders", "Write"), Deny("others", "Write")));
        Assert.Equal(Verdict.NoRules, JudgeAny(Allow("orders", "Write"), Deny("orders", "Write")));
        Assert.Equal(Verdict.NoRules, JudgeAny(Allow("orders", "Write"), Deny("ord", "All") with { Pattern = PatternKind.Prefixed }));
        Assert.Equal(Verdict.NoRules, JudgeAny(Allow("orders", "Write") with { Pattern = PatternKind.Prefixed }, Deny("ord", "Write") with { Pattern = PatternKind.Prefixed }));
        Assert.Equal(Verdict.Allowed, JudgeAny(Allow("ord", "Write") with { Pattern = PatternKind.Prefixed }, Deny("orders", "Write")));
        Assert.Equal(Verdict.Allowed, JudgeAny(Allow("*", "Write"), Deny("orders", "Write") with { Pattern = PatternKind.Prefixed }));
        Assert.Equal(Verdict.Denied, JudgeAny(Allow("orders", "Write"), Deny("*", "Write")));
    }

    private static Verdict Judge(string operation, string name, params AclRule[] rules) =>
        new AclIndex([.. rules]).Judge(Alice, "10.0.0.1", Enum.Parse<Operation>(operation), ResourceKind.Topic, name);

    private static Verdict JudgeAny(params AclRule[] rules) => new AclIndex([.. rules]).JudgeAny(Alice, "10.0.0.1", Operation.Write, ResourceKind.Topic);

    private static AclRule Allow(string name, string operation) => new(ResourceKind.Topic, PatternKind.Literal, name, Alice, "*", Enum.Parse<Operation>(operation), Permission.Allow);

    private static AclRule Deny(string name, string operation) => Allow(name, operation) with { Permission = Permission.Deny };
}
