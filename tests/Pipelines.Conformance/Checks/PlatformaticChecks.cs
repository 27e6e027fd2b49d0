using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>@platformatic/kafka, which speaks the newest versions that a client does beside the Java one.</summary>
public sealed class PlatformaticChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task What_is_written_is_read(BrokerKind broker) => bench.Expect(Platformatic, broker, "roundtrip",
        """
        {
          "offset": 0,
          "records": [
                       [0, "key", "value", 0, [["h", "one"], ["naïve", ""]]], [1, null, "no key", 1, []],
                       [2, "gone", null, 2, []], [3, "", "", -5, []], [4, "k", "last", 0, []]
                     ]
        }
        """);

    [Theory, OnEachBroker]
    public Task Its_codecs_pass_through(BrokerKind broker) => bench.Expect(Platformatic, broker, "codecs",
        """{ "none": true, "gzip": true, "snappy": true, "lz4": true }""");

    [Theory, OnEachBroker]
    public Task Big_records_pass_and_too_big_ones_are_refused(BrokerKind broker) => bench.Expect(Platformatic, broker, "big-records",
        """{ "refused": "MESSAGE_TOO_LARGE", "read": [921600] }""");

    [Theory, OnEachBroker]
    public Task Every_kind_of_acknowledgement(BrokerKind broker) => bench.Expect(Platformatic, broker, "acks", """[0, 1, 2]""");

    [Theory, OnEachBroker]
    public Task An_idempotent_producer_keeps_order(BrokerKind broker) => bench.Expect(Platformatic, broker, "idempotent", """{ "inOrder": true }""");

    [Theory, OnEachBroker]
    public Task Offsets_by_time_and_by_end(BrokerKind broker) => bench.Expect(Platformatic, broker, "offsets",
        """{ "earliest": 0, "latest": 5, "times": {"0": 0, "1001": 1, "3500": 3, "5001": -1} }""");

    [Theory, OnEachBroker]
    public Task Committed_offsets_survive_the_member(BrokerKind broker) => bench.Expect(Platformatic, broker, "group-offsets",
        """{ "committed": [7], "after": ["7", "8", "9"] }""");

    [Theory, OnEachBroker]
    public Task Members_come_and_go(BrokerKind broker) => bench.Expect(Platformatic, broker, "group-members", """[[6], [3, 3], [2, 2, 2], [3, 3]]""");

    [Theory, OnEachBroker]
    public Task Committed_is_visible_aborted_is_not(BrokerKind broker) => bench.Expect(Platformatic, broker, "transactions",
        """
        {
          "committed": ["a", "b", "c", "last"], "all": ["a", "b", "aborted 1", "aborted 2", "c", "last", "open"], "stable": 10,
          "end": 11
        }
        """);

    [Theory, OnEachBroker]
    public Task Consume_transform_produce_is_exactly_once(BrokerKind broker) => bench.Expect(Platformatic, broker, "transaction-copy",
        """{ "values": "0! 1! 2! 3! 4! 5! 6! 7! 8! 9!", "committed": [10] }""");

    [Theory, OnEachBroker]
    public Task Topics_are_created_changed_and_deleted(BrokerKind broker) => bench.Expect(Platformatic, broker, "admin-topics",
        """
        {
          "id": 36, "partitions": 2, "again": "TOPIC_ALREADY_EXISTS", "deleted": [{"partition": 0, "lowWatermark": 5}],
          "listed": true, "deleteAgain": "UNKNOWN_TOPIC_OR_PARTITION"
        }
        """);

    [Theory, OnEachBroker]
    public Task Settings_are_described_and_changed(BrokerKind broker) => bench.Expect(Platformatic, broker, "admin-configs",
        """{ "before": [["retention.ms", "55000", 1]], "after": [["retention.ms", "66000", 1]] }""");

    [Theory, OnEachBroker]
    public Task Groups_are_described_and_deleted_and_their_offsets_set(BrokerKind broker) => bench.Expect(Platformatic, broker, "admin-groups",
        """
        {
          "state": "STABLE", "protocol": "roundrobin", "members": 1, "client": "the-client", "host": "/127.0.0.1",
          "listed": true, "deleteWhileUsed": "NON_EMPTY_GROUP", "set": [[0, 4], [1, 5]], "left": [[1, 5]], "listedAfter": false
        }
        """);
}
