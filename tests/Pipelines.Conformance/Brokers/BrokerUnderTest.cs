namespace Pipelines.Conformance.Brokers;

/// <summary>A running broker of some make, as clients see it: an address, and for some checks the folder with its segment files.</summary>
internal abstract class BrokerUnderTest : IAsyncDisposable
{
    /// <summary>Host and port, as clients want it.</summary>
    public abstract string Bootstrap { get; }

    /// <summary>The folder below which the segment files lie; null when it cannot be reached.</summary>
    public virtual string? Logs => null;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

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
