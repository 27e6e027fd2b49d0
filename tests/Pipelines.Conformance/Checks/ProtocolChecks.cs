using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>Requests that no client sends on its own, written by hand over Kafka's generated classes.</summary>
public sealed class ProtocolChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task Every_version_advertised_is_answered_in_that_version(BrokerKind broker) => bench.Expect(Java, broker, "every-version",
        """{ "enough": true, "wrong": [], "missing": [] }""");

    [Theory, OnEachBroker]
    public Task An_unknown_version_of_ApiVersions_is_answered_with_the_range(BrokerKind broker) => bench.Expect(Java, broker, "unknown-version",
        """{ "error": "UNSUPPORTED_VERSION", "range": true, "left": 0, "after": "NONE" }""");

    [Theory, OnEachBroker]
    public Task A_batch_of_which_the_codec_does_not_exist_or_did_not_make_it_is_refused(BrokerKind broker) => bench.Expect(Java, broker, "packed-batches",
        """
        {
          "unknownCodec": "UNKNOWN_SERVER_ERROR", "unknownCodecCompacted": "UNKNOWN_SERVER_ERROR", "damaged": "UNKNOWN_SERVER_ERROR",
          "damagedCompacted": "UNKNOWN_SERVER_ERROR", "sound": "NONE"
        }
        """,
        onPurpose: """
        {
          "unknownCodec": "UNSUPPORTED_COMPRESSION_TYPE", "unknownCodecCompacted": "UNSUPPORTED_COMPRESSION_TYPE", "damaged": "NONE",
          "damagedCompacted": "INVALID_RECORD", "sound": "NONE"
        }
        """);

    [Theory, OnEachBroker]
    public Task What_is_no_request_closes_its_connection_and_no_other(BrokerKind broker) => bench.Expect(Java, broker, "broken-frames",
        """
        {
          "cutBody": "closed", "hugeArray": "closed", "hugeLength": "closed", "negativeLength": "closed", "unknownKey": "closed",
          "unknownVersion": "closed", "others": true
        }
        """);
}
