using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>Compaction and retention, as far as a client sees them.</summary>
public sealed class CleaningChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task Compaction_keeps_the_last_value_and_drops_tombstones_and_what_was_aborted(BrokerKind broker) => bench.Expect(Java, broker, "compaction",
        """{ "left": ["27 a a9", "28 b b9"], "committed": ["a9", "b9"], "withoutKey": "InvalidRecordException" }""");

    [Theory, OnEachBroker]
    public Task Records_older_than_the_retention_go(BrokerKind broker) => bench.Expect(Java, broker, "retention", """{ "moved": true }""");
}
