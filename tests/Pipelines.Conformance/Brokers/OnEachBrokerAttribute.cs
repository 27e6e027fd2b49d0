using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Pipelines.Conformance.Brokers;

/// <summary>Runs a check on Apache Kafka and on ours; or, when an address is given, on the broker there alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnEachBrokerAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        BrokerKind[] kinds = GivenBroker.Address is null ? [BrokerKind.ApacheKafka, BrokerKind.Pipelines] : [BrokerKind.Given];
        return ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([.. kinds.Select(kind => new TheoryDataRow<BrokerKind>(kind))]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
