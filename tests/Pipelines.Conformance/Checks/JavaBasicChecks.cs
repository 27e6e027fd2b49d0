using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>Metadata, producing, reading and offsets with Kafka's own clients.</summary>
public sealed class JavaBasicChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task A_producer_creates_its_topic_a_consumer_that_must_not_does_not(BrokerKind broker) => bench.Expect(Java, broker, "auto-create",
        """{ "partitions": 1, "leader": true, "replicas": 1, "forbidden": 0, "listed": false }""");

    [Theory, OnEachBroker]
    public Task What_is_written_is_read(BrokerKind broker) => bench.Expect(Java, broker, "roundtrip",
        """
        [
          {
            "offset": 0, "key": "key", "value": "value", "time": 0, "type": "CreateTime",
            "headers": ["h=[1, 2]", "h=null", "naïve=[]"]
          },
          { "offset": 1, "key": null, "value": "no key", "time": 1, "type": "CreateTime", "headers": [] },
          { "offset": 2, "key": "gone", "value": null, "time": 2, "type": "CreateTime", "headers": [] },
          { "offset": 3, "key": "", "value": "", "time": -5, "type": "CreateTime", "headers": [] },
          { "offset": 4, "key": null, "value": null, "time": 3, "type": "CreateTime", "headers": [] },
          { "offset": 5, "key": "ключ", "value": "значение 🙂", "time": 4, "type": "CreateTime", "headers": [] }
        ]
        """);

    [Theory, OnEachBroker]
    public Task Every_codec_passes_through(BrokerKind broker) => bench.Expect(Java, broker, "codecs",
        """{ "none": true, "gzip": true, "snappy": true, "lz4": true, "zstd": true }""");

    [Theory, OnEachBroker]
    public Task Big_records_pass_and_too_big_ones_are_refused(BrokerKind broker) => bench.Expect(Java, broker, "big-records",
        """
        { "offset": 0, "tooLarge": "RecordTooLargeException", "records": 1, "smallFetch": [921600], "wide": 2764800 }
        """);

    [Theory, OnEachBroker]
    public Task Every_kind_of_acknowledgement(BrokerKind broker) => bench.Expect(Java, broker, "acks", """{ "1": 0, "all": 1, "0": -1 }""");

    [Theory, OnEachBroker]
    public Task The_broker_stamps_records_where_the_topic_asks_for_it(BrokerKind broker) => bench.Expect(Java, broker, "log-append-time",
        """{ "type": "LogAppendTime", "now": true, "told": true }""");

    [Theory, OnEachBroker]
    public Task A_key_stays_on_its_partition(BrokerKind broker) => bench.Expect(Java, broker, "key-partitions",
        """
        {
          "p0 key-1": "1,9,17,25,33", "p0 key-5": "5,13,21,29,37", "p0 key-6": "6,14,22,30,38", "p1 key-0": "0,8,16,24,32",
          "p1 key-4": "4,12,20,28,36", "p2 key-2": "2,10,18,26,34", "p3 key-3": "3,11,19,27,35", "p3 key-7": "7,15,23,31,39"
        }
        """);

    [Theory, OnEachBroker]
    public Task An_idempotent_producer_with_five_requests_in_flight_keeps_order(BrokerKind broker) => bench.Expect(Java, broker, "idempotent",
        """{ "inOrder": true }""");

    [Theory, OnEachBroker]
    public Task Offsets_by_time_by_end_and_by_greatest_time(BrokerKind broker) => bench.Expect(Java, broker, "offsets",
        """
        {
          "earliest": 0, "latest": 5, "at 0": "0 of 1000", "at 1000": "0 of 1000", "at 1001": "1 of 3000",
          "at 2500": "1 of 3000", "at 3500": "3 of 5000", "at 5000": "3 of 5000", "at 5001": null, "maxTimestamp": "3 of 5000",
          "unknownPartition": "TimeoutException"
        }
        """);

    [Theory, OnEachBroker]
    public Task A_position_out_of_range(BrokerKind broker) => bench.Expect(Java, broker, "out-of-range",
        """
        {
          "unset": "NoOffsetForPartitionException", "beyond": "OffsetOutOfRangeException", "atEnd": "none",
          "reset": ["0", "1", "2"]
        }
        """);

    [Theory, OnEachBroker]
    public Task A_waiting_fetch_wakes_for_a_record(BrokerKind broker) => bench.Expect(Java, broker, "long-poll", """{ "seen": ["wakes"], "soon": true }""");

    [Theory, OnEachBroker]
    public Task A_topic_deleted_and_made_again_is_another_one(BrokerKind broker) => bench.Expect(Java, broker, "recreated-topic",
        """
        {
          "old": ["old", "old", "old", "old", "old"], "otherId": true,
          "content": ["new", "new", "new", "new", "new", "new", "new"]
        }
        """);

    [Theory, OnEachBroker]
    public Task Fifty_partitions_at_once(BrokerKind broker) => bench.Expect(Java, broker, "many-partitions",
        """{ "records": 5000, "partitions": 50, "different": 5000 }""");
}
