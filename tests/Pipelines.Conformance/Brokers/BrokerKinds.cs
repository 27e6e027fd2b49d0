namespace Pipelines.Conformance.Brokers;

/// <summary>Starts brokers by their kind.</summary>
internal static class BrokerKinds
{
    /// <summary>Why a broker of this kind cannot be started here; null when it can.</summary>
    public static string? WhyMissing(BrokerKind kind) => kind switch
    {
        BrokerKind.ApacheKafka => ApacheKafka.WhyMissing(),
        BrokerKind.Pipelines => PipelinesBroker.WhyMissing(),
        _ => null,
    };

    /// <summary>Starts a broker of this kind, on a free port and an empty folder; returns when it answers.</summary>
    public static async Task<BrokerUnderTest> StartAsync(BrokerKind kind) => kind switch
    {
        BrokerKind.ApacheKafka => await ApacheKafka.StartAsync(),
        BrokerKind.Pipelines => await PipelinesBroker.StartAsync(),
        _ => new GivenBroker(),
    };
}
