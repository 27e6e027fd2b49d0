using Pipelines.Kafka.Tests.Brokers;

[assembly: AssemblyFixture(typeof(SharedBrokers))]

namespace Pipelines.Kafka.Tests.Brokers;

/// <summary>Ends what all tests share.</summary>
public sealed class SharedBrokers : IAsyncDisposable
{
    public ValueTask DisposeAsync() => SeamBroker.EndSharedAsync();
}
