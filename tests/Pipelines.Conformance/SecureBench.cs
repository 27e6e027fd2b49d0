using System.Collections.Concurrent;
using Pipelines.Conformance.Brokers;

namespace Pipelines.Conformance;

/// <summary>One secure broker of each kind, started when first asked for.</summary>
public sealed class SecureBench : IAsyncDisposable
{
    private readonly ConcurrentDictionary<BrokerKind, Lazy<Task<SecureBroker>>> brokers = new();

    internal Task<SecureBroker> BrokerAsync(BrokerKind kind)
    {
        Waiting.For(SecureBroker.WhyMissing(kind));
        return brokers.GetOrAdd(kind, static k => new Lazy<Task<SecureBroker>>(() => SecureBroker.StartAsync(k))).Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<SecureBroker>> broker in brokers.Values)
        {
            if (broker.Value.IsCompletedSuccessfully) await (await broker.Value).DisposeAsync();
        }
    }
}
