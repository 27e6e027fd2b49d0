using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>kafkajs.</summary>
public sealed class KafkaJsChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task What_is_written_is_read(BrokerKind broker) => bench.Expect(KafkaJs, broker, "roundtrip",
        """
        [
          { "offset": "0", "key": "key", "value": "value", "time": 0, "headers": [["h", [1, 2]], ["naïve", []]] },
          { "offset": "1", "key": null, "value": "no key", "time": 1, "headers": [] },
          { "offset": "2", "key": "gone", "value": null, "time": 2, "headers": [] },
          { "offset": "3", "key": "", "value": "", "time": -5, "headers": [] }
        ]
        """);

    [Theory, OnEachBroker]
    public Task A_producer_creates_its_topic(BrokerKind broker) => bench.Expect(KafkaJs, broker, "auto-create", """{ "partition": 0, "offset": "0" }""");

    [Theory, OnEachBroker]
    public Task Its_codecs_pass_through(BrokerKind broker) => bench.Expect(KafkaJs, broker, "codecs", """{ "none": true, "gzip": true }""");

    [Theory, OnEachBroker]
    public Task Big_records_pass_and_too_big_ones_are_refused(BrokerKind broker) => bench.Expect(KafkaJs, broker, "big-records",
        """{ "refused": "MESSAGE_TOO_LARGE", "read": [921600] }""");

    [Theory, OnEachBroker]
    public Task Every_kind_of_acknowledgement(BrokerKind broker) => bench.Expect(KafkaJs, broker, "acks", """["0", "1", null]""");

    [Theory, OnEachBroker]
    public Task An_idempotent_producer_keeps_order(BrokerKind broker) => bench.Expect(KafkaJs, broker, "idempotent", """{ "inOrder": true }""");

    [Theory, OnEachBroker]
    public Task Offsets_by_time_and_by_end(BrokerKind broker) => bench.Expect(KafkaJs, broker, "offsets",
        """{ "low": "0", "high": "5", "times": {"0": "0", "1001": "1", "3500": "3", "5001": "5"} }""");

    [Theory, OnEachBroker]
    public Task Committed_offsets_and_their_notes_survive_the_member(BrokerKind broker) => bench.Expect(KafkaJs, broker, "group-offsets",
        """{ "committed": "7", "note": "a note", "after": ["7", "8", "9"] }""");

    [Theory, OnEachBroker]
    public Task Members_come_and_go(BrokerKind broker) => bench.Expect(KafkaJs, broker, "group-members", """[[6], [3, 3], [2, 2, 2], [3, 3]]""");

    [Theory, OnEachBroker]
    public Task Committed_is_visible_aborted_is_not(BrokerKind broker) => bench.Expect(KafkaJs, broker, "transactions",
        """{ "committed": ["a", "b", "c", "last"] }""");

    [Theory, OnEachBroker]
    public Task Consume_transform_produce_is_exactly_once(BrokerKind broker) => bench.Expect(KafkaJs, broker, "transaction-copy",
        """
        { "values": "0! 1! 2! 3! 4! 5! 6! 7! 8! 9! 10! 11! 12! 13! 14! 15! 16! 17! 18! 19! last", "committed": "20" }
        """);

    [Theory, OnEachBroker]
    public Task Topics_are_created_changed_and_deleted(BrokerKind broker) => bench.Expect(KafkaJs, broker, "admin-topics",
        """
        {
          "again": false, "replicas3": "INVALID_REPLICATION_FACTOR", "partitions": 4, "low": "5", "listed": true, "brokers": 1,
          "controller": true, "clusterId": true
        }
        """);

    [Theory, OnEachBroker]
    public Task Settings_are_described_and_changed(BrokerKind broker) => bench.Expect(KafkaJs, broker, "admin-configs",
        """{ "before": [["retention.ms", "55000", false]], "after": [["retention.ms", "66000", false]] }""");

    [Theory, OnEachBroker]
    public Task Groups_are_described_and_deleted_and_their_offsets_set(BrokerKind broker) => bench.Expect(KafkaJs, broker, "admin-groups",
        """
        {
          "state": "Stable", "type": "consumer", "protocol": "RoundRobinAssigner", "members": ["the-client"], "listed": true,
          "deleteWhileUsed": "KafkaJSDeleteGroupsError", "set": [[0, "4"], [1, "-1"]], "left": false
        }
        """);
}
