using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>The client written in Python itself, which speaks the oldest versions.</summary>
public sealed class PythonKafkaChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task What_is_written_is_read(BrokerKind broker) => bench.Expect(PythonKafka, broker, "roundtrip",
        """
        [
          { "offset": 0, "key": "key", "value": "value", "time": 0, "headers": [["h", [1, 2]], ["naïve", []]] },
          { "offset": 1, "key": null, "value": "no key", "time": 1, "headers": [] },
          { "offset": 2, "key": "gone", "value": null, "time": 2, "headers": [] }
        ]
        """);

    [Theory, OnEachBroker]
    public Task A_producer_creates_its_topic(BrokerKind broker) => bench.Expect(PythonKafka, broker, "auto-create",
        """{ "partition": 0, "offset": 0, "partitions": 1 }""");

    [Theory, OnEachBroker]
    public Task Every_codec_passes_through(BrokerKind broker) => bench.Expect(PythonKafka, broker, "codecs",
        """{ "None": true, "gzip": true, "snappy": true, "lz4": true, "zstd": true }""");

    [Theory, OnEachBroker]
    public Task Big_records_pass_and_too_big_ones_are_refused(BrokerKind broker) => bench.Expect(PythonKafka, broker, "big-records",
        """{ "sent": 0, "refused": "MessageSizeTooLargeError", "read": [921600] }""");

    [Theory, OnEachBroker]
    public Task Offsets_by_time_and_by_end(BrokerKind broker) => bench.Expect(PythonKafka, broker, "offsets",
        """
        { "earliest": 0, "latest": 5, "times": {"0": [0, 1000], "1001": [1, 3000], "3500": [3, 5000], "5001": null} }
        """);

    [Theory, OnEachBroker]
    public Task Committed_offsets_and_their_notes_survive_the_member(BrokerKind broker) => bench.Expect(PythonKafka, broker, "group-offsets",
        """{ "committed": 7, "note": "a note", "after": ["7", "8", "9"] }""");

    [Theory, OnEachBroker]
    public Task Members_come_and_go(BrokerKind broker) => bench.Expect(PythonKafka, broker, "group-members",
        """{ "shares": [[6], [3, 3], [2, 2, 2], [3, 3]] }""");

    [Theory, OnEachBroker]
    public Task Topics_are_created_changed_and_deleted(BrokerKind broker) => bench.Expect(PythonKafka, broker, "admin-topics",
        """
        {
          "again": "TopicAlreadyExistsError", "more": "none", "described": [true, 4, false], "delete": "none",
          "deleteAgain": "UnknownTopicOrPartitionError"
        }
        """);

    [Theory, OnEachBroker]
    public Task Settings_are_described_and_changed(BrokerKind broker) => bench.Expect(PythonKafka, broker, "admin-configs",
        """{ "given": ["55000"], "altered": ["66000"] }""");

    [Theory, OnEachBroker]
    public Task Groups_are_described_listed_and_deleted(BrokerKind broker) => bench.Expect(PythonKafka, broker, "admin-groups",
        """
        {
          "listed": true, "state": "Stable", "protocol": "range", "members": [["the-client", 2]], "offsets": [[1, 0]],
          "deleteWhileUsed": ["NonEmptyGroupError"], "delete": ["NoError"]
        }
        """);
}
