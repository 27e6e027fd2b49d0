using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>librdkafka, by way of its Python binding: the requests of before transaction version 2.</summary>
public sealed class ConfluentChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task Metadata_and_automatic_creation(BrokerKind broker) => bench.Expect(Confluent, broker, "metadata",
        """
        {
          "brokers": 1, "controller": true, "cluster": true, "partitions": [[0, true, 1, 1], [1, true, 1, 1], [2, true, 1, 1]],
          "made": true
        }
        """);

    [Theory, OnEachBroker]
    public Task What_is_written_is_read(BrokerKind broker) => bench.Expect(Confluent, broker, "roundtrip",
        """
        [
          {
            "offset": 0, "key": "key", "value": "value", "time": 0, "type": 1,
            "headers": [["h", [1, 2]], ["h", null], ["naïve", []]]
          },
          { "offset": 1, "key": null, "value": "no key", "time": 1, "type": 1, "headers": [] },
          { "offset": 2, "key": "gone", "value": null, "time": 2, "type": 1, "headers": [] },
          { "offset": 3, "key": "", "value": "", "time": -5, "type": 1, "headers": [] }
        ]
        """);

    [Theory, OnEachBroker]
    public Task Every_codec_passes_through(BrokerKind broker) => bench.Expect(Confluent, broker, "codecs",
        """{ "none": true, "gzip": true, "snappy": true, "lz4": true, "zstd": true }""");

    [Theory, OnEachBroker]
    public Task Big_records_pass_and_too_big_ones_are_refused(BrokerKind broker) => bench.Expect(Confluent, broker, "big-records",
        """{ "sent": 0, "refused": "MSG_SIZE_TOO_LARGE", "read": [921600] }""");

    [Theory, OnEachBroker]
    public Task Every_kind_of_acknowledgement(BrokerKind broker) => bench.Expect(Confluent, broker, "acks", """{ "1": 0, "-1": 1 }""");

    [Theory, OnEachBroker]
    public Task An_idempotent_producer_keeps_order(BrokerKind broker) => bench.Expect(Confluent, broker, "idempotent", """{ "inOrder": true }""");

    [Theory, OnEachBroker]
    public Task Offsets_by_time_and_by_end(BrokerKind broker) => bench.Expect(Confluent, broker, "offsets",
        """
        { "low": 0, "high": 5, "times": {"0": 0, "1000": 0, "1001": 1, "2500": 1, "3500": 3, "5000": 3, "5001": -1} }
        """);

    [Theory, OnEachBroker]
    public Task Committed_offsets_survive_the_member(BrokerKind broker) => bench.Expect(Confluent, broker, "group-offsets",
        """{ "committed": 7, "after": ["7", "8", "9"], "unset": -1001 }""");

    [Theory, OnEachBroker]
    public Task Members_come_and_go_with_eager_rebalances(BrokerKind broker) => bench.Expect(Confluent, broker, "group-range", """{ "different": 300 }""");

    [Theory, OnEachBroker]
    public Task Members_come_and_go_with_cooperative_rebalances(BrokerKind broker) => bench.Expect(Confluent, broker, "group-cooperative",
        """{ "different": 300 }""");

    [Theory, OnEachBroker]
    public Task A_static_member_returns_without_a_rebalance(BrokerKind broker) => bench.Expect(Confluent, broker, "group-static",
        """{ "sameAssignment": true, "rebalancesOfOther": 0 }""");

    [Theory, OnEachBroker]
    public Task Committed_is_visible_aborted_and_open_are_not(BrokerKind broker) => bench.Expect(Confluent, broker, "transactions",
        """
        {
          "committed": ["a", "b", "c"], "uncommitted": ["a", "b", "aborted 1", "aborted 2", "c", "open"],
          "after": ["a", "b", "c", "open"]
        }
        """);

    [Theory, OnEachBroker]
    public Task Empty_transactions_end(BrokerKind broker) => bench.Expect(Confluent, broker, "transaction-empty",
        """{ "commit": "none", "abort": "none" }""");

    [Theory, OnEachBroker]
    public Task A_zombie_is_fenced(BrokerKind broker) => bench.Expect(Confluent, broker, "transaction-fenced",
        """{ "send": "_FENCED", "commit": "_FENCED", "committed": ["of the next"] }""");

    [Theory, OnEachBroker]
    public Task A_forgotten_transaction_is_aborted(BrokerKind broker) => bench.Expect(Confluent, broker, "transaction-timeout",
        """{ "commit": true, "committed": ["plain"] }""");

    [Theory, OnEachBroker]
    public Task Consume_transform_produce_is_exactly_once(BrokerKind broker) => bench.Expect(Confluent, broker, "transaction-copy",
        """{ "aborted": true, "copied": 100, "different": 100 }""");

    [Theory, OnEachBroker]
    public Task Topics_are_created_changed_and_deleted(BrokerKind broker) => bench.Expect(Confluent, broker, "admin-topics",
        """
        {
          "again": "TOPIC_ALREADY_EXISTS", "replicas3": "INVALID_REPLICATION_FACTOR", "more": "none",
          "fewer": "INVALID_PARTITIONS", "delete": "none", "deleteAgain": "UNKNOWN_TOPIC_OR_PART"
        }
        """);

    [Theory, OnEachBroker]
    public Task Settings_are_described_and_changed(BrokerKind broker) => bench.Expect(Confluent, broker, "admin-configs",
        """
        {
          "policy": "delete", "default": true, "alter": "none", "after": ["compact", false, "99000"], "wrong": "INVALID_CONFIG"
        }
        """);

    [Theory, OnEachBroker]
    public Task Groups_are_described_and_listed(BrokerKind broker) => bench.Expect(Confluent, broker, "admin-groups",
        """
        {
          "listed": true, "state": "Stable", "type": "consumer", "protocol": "range",
          "members": [["the-client", "/127.0.0.1", true]]
        }
        """);
}
