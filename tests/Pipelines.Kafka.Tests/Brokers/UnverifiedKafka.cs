using Pipelines.Tests.Brokers;

namespace Pipelines.Kafka.Tests.Brokers;

/// <summary>An Apache Kafka that takes what a producer writes in a transaction to partitions that were not added to it.</summary>
public sealed class UnverifiedKafka : IAsyncLifetime
{
    private SeamBroker? seam;

    /// <summary>The broker; skips the test where there is none.</summary>
    internal SeamBroker Seam
    {
        get
        {
            SeamBroker.RequireApache();
            return seam!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (ApacheKafka.Home is not null) seam = await SeamBroker.StartApacheAsync("transaction.partition.verification.enable=false");
    }

    public async ValueTask DisposeAsync()
    {
        if (seam is not null) await seam.DisposeAsync();
    }
}
