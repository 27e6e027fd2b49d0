using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>Transactions with Kafka's own producer, which speaks transaction version 2 where the broker does.</summary>
public sealed class JavaTransactionChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task Committed_is_visible_aborted_and_open_are_not(BrokerKind broker) => bench.Expect(Java, broker, "transaction-visibility",
        """
        {
          "committed": ["a", "b", "c"], "uncommitted": ["a", "b", "aborted 1", "aborted 2", "c", "open", "plain after open"],
          "stableEnd": 8, "end": 10, "offsets": [0, 1, 6], "committedAfter": ["a", "b", "c", "open", "plain after open"],
          "endAfter": 11
        }
        """);

    [Theory, OnEachBroker]
    public Task A_transaction_over_seven_partitions_is_whole(BrokerKind broker) => bench.Expect(Java, broker, "transaction-many-partitions",
        """{ "one": 80, "two": 80, "rounds": ["0", "2"], "oneAll": 160 }""");

    [Theory, OnEachBroker]
    public Task Interleaved_transactions_are_kept_apart(BrokerKind broker) => bench.Expect(Java, broker, "transaction-interleaved",
        """{ "whileOpen": [], "afterAbort": ["b0"], "atLast": ["b0", "c0", "b1", "c1", "b2", "c2"] }""");

    [Theory, OnEachBroker]
    public Task A_zombie_is_fenced(BrokerKind broker) => bench.Expect(Java, broker, "transaction-fenced",
        """
        {
          "send": "InvalidProducerEpochException", "commit": "InvalidProducerEpochException",
          "idle": "InvalidProducerEpochException", "committed": ["of the next"]
        }
        """);

    [Theory, OnEachBroker]
    public Task A_new_producer_aborts_what_the_old_one_left_open(BrokerKind broker) => bench.Expect(Java, broker, "transaction-init-aborts",
        """{ "committed": ["good"], "end": 4 }""");

    [Theory, OnEachBroker]
    public Task A_forgotten_transaction_is_aborted(BrokerKind broker) => bench.Expect(Java, broker, "transaction-timeout",
        """{ "commit": "InvalidTxnStateException", "committed": [] }""");

    [Theory, OnEachBroker]
    public Task Empty_transactions_end(BrokerKind broker) => bench.Expect(Java, broker, "transaction-empty",
        """
        { "commit": "none", "abort": "none", "withoutBegin": "IllegalStateException", "after": "none", "committed": ["v"] }
        """);

    [Theory, OnEachBroker]
    public Task A_timeout_above_the_limit_is_refused(BrokerKind broker) => bench.Expect(Java, broker, "transaction-too-long", """{ "refused": true }""");

    [Theory, OnEachBroker]
    public Task A_hundred_short_transactions(BrokerKind broker) => bench.Expect(Java, broker, "transaction-many-short",
        """{ "committed": 90, "inOrder": true, "end": 200 }""");

    [Theory, OnEachBroker]
    public Task Consume_transform_produce_is_exactly_once(BrokerKind broker) => bench.Expect(Java, broker, "copy",
        """{ "aborted": true, "copied": 200, "different": 200 }""");

    [Theory, OnEachBroker]
    public Task Offsets_of_a_transaction_are_held_back_until_its_end(BrokerKind broker) => bench.Expect(Java, broker, "offsets-in-transaction",
        """{ "whileOpen": "TimeoutException", "committed": 5, "afterAbort": 5, "note": "pending" }""");

    [Theory, OnEachBroker]
    public Task Transactions_are_described_and_listed(BrokerKind broker) => bench.Expect(Java, broker, "transactions-describe",
        """
        {
          "state": "Ongoing", "timeout": 54321, "partitions": 1, "started": true, "listed": ["Ongoing"],
          "listedOngoing": ["Ongoing"], "listedEmpty": [], "ofProducer": ["Ongoing"], "ofOther": [], "longer": [],
          "unknown": "TransactionalIdNotFoundException"
        }
        """);

    [Theory, OnEachBroker]
    public Task Producers_are_described_and_a_transaction_aborted_by_an_operator(BrokerKind broker) => bench.Expect(Java, broker, "producers-describe",
        """
        {
          "producers": 1, "lastSequence": 2, "start": 0, "recent": true, "abort": "none", "committed": [], "startAfter": -1,
          "unknown": "TimeoutException"
        }
        """);

    [Theory, OnEachBroker]
    public Task An_operator_fences_a_producer(BrokerKind broker) => bench.Expect(Java, broker, "producers-fence",
        """{ "fence": "none", "commit": "InvalidProducerEpochException", "committed": [] }""");

    [Theory, OnEachBroker]
    public Task Transaction_version_2_is_on(BrokerKind broker) => bench.Expect(Java, broker, "features",
        """{ "transactionVersion": 2, "supported": true }""");
}
