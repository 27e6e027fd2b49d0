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
    public Task What_is_no_request_closes_its_connection_and_no_other(BrokerKind broker) => bench.Expect(Java, broker, "broken-frames",
        """
        {
          "cutBody": "closed", "hugeArray": "closed", "hugeLength": "closed", "negativeLength": "closed", "unknownKey": "closed",
          "unknownVersion": "closed", "others": true
        }
        """);
}
