using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>Consumer groups of the classic protocol with Kafka's own consumer.</summary>
public sealed class JavaGroupChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task Committed_offsets_and_their_notes_survive_the_member(BrokerKind broker) => bench.Expect(Java, broker, "group-offsets-survive",
        """{ "offset": 7, "note": "a note", "epoch": 0, "after": ["7", "8", "9"], "unset": "null" }""");

    [Theory, OnEachBroker]
    public Task Members_come_and_go_with_eager_rebalances(BrokerKind broker) => bench.Expect(Java, broker, "group-eager",
        """{ "revokedWhenSecondJoined": 6, "records": 1800, "different": 1800 }""");

    [Theory, OnEachBroker]
    public Task Members_come_and_go_with_cooperative_rebalances(BrokerKind broker) => bench.Expect(Java, broker, "group-cooperative",
        """{ "revokedWhenSecondJoined": 3, "records": 1800, "different": 1800 }""");

    [Theory, OnEachBroker]
    public Task A_static_member_returns_without_a_rebalance(BrokerKind broker) => bench.Expect(Java, broker, "group-static-return",
        """{ "sameAssignment": true, "rebalancesOfOther": 0, "read": 40 }""");

    [Theory, OnEachBroker]
    public Task A_second_static_member_of_the_same_name_fences_the_first(BrokerKind broker) => bench.Expect(Java, broker, "group-static-fenced",
        """{ "first": "FencedInstanceIdException", "second": "no" }""");

    [Theory, OnEachBroker]
    public Task A_static_member_is_waited_for_until_its_session_ends(BrokerKind broker) => bench.Expect(Java, broker, "group-static-remembered",
        """{ "afterSession": true }""");

    [Theory, OnEachBroker]
    public Task A_member_that_does_not_poll_loses_its_partitions(BrokerKind broker) => bench.Expect(Java, broker, "group-poll-late",
        """{ "commit": "CommitFailedException" }""");

    [Theory, OnEachBroker]
    public Task Strangers_are_refused(BrokerKind broker) => bench.Expect(Java, broker, "group-strangers",
        """
        {
          "simpleCommit": "CommitFailedException", "otherAssignor": "InconsistentGroupProtocolException",
          "shortSession": "InvalidSessionTimeoutException", "simpleCommitWhenEmpty": "none"
        }
        """);

    [Theory, OnEachBroker]
    public Task An_old_generation_cannot_commit_in_a_transaction(BrokerKind broker) => bench.Expect(Java, broker, "group-old-generation",
        """{ "newGeneration": true, "zombie": "CommitFailedException", "current": "none" }""");

    [Theory, OnEachBroker]
    public Task New_partitions_are_assigned(BrokerKind broker) => bench.Expect(Java, broker, "group-grown-topic", """{ "read": 30 }""");
}
