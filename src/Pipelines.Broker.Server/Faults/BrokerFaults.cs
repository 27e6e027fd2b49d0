using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Broker.Server.Faults;

/// <summary>Lets a test see the requests that come to a broker, and decide what happens to them.</summary>
/// <remarks>
/// The way to test one's own code against what networks and brokers do: an answer that is lost after a commit, a commit that comes late, a broker that hangs.
/// Give one to <see cref="BrokerServerOptions.Faults"/>; an <see cref="EmbeddedBroker"/> has one.
/// </remarks>
/// <example><code>
/// // The first commit is done, and its answer lost.
/// using var lost = broker.Faults.Intercept(ApiKey.EndTxn, request => request.Count == 1 ? Fault.CutAfterwards : Fault.None);
/// </code></example>
public sealed class BrokerFaults
{
    private readonly Lock gate = new();
    private volatile Interceptor[] interceptors = [];

    /// <summary>Called for each request of an API, in the order in which the requests of a client come.</summary>
    /// <param name="api">The API; null for all.</param>
    /// <param name="decide">Says what happens to the request. Called on the threads of connections, several at a time perhaps; it should be quick.</param>
    /// <returns>Ends the interception when it is disposed of.</returns>
    public IDisposable Intercept(ApiKey? api, Func<InterceptedRequest, Fault> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        var interceptor = new Interceptor(this, api, decide);
        lock (gate) interceptors = [.. interceptors, interceptor];
        return interceptor;
    }

    /// <summary>Tells of each request of an API, and changes nothing.</summary>
    /// <param name="api">The API; null for all.</param>
    /// <param name="see">Told of the request.</param>
    /// <returns>Ends the observation when it is disposed of.</returns>
    public IDisposable Observe(ApiKey? api, Action<InterceptedRequest> see)
    {
        ArgumentNullException.ThrowIfNull(see);
        return Intercept(api, request =>
        {
            see(request);
            return Fault.None;
        });
    }

    /// <summary>What happens to a request: what the first interceptor says that does not say nothing.</summary>
    internal Fault Decide(ApiKey api, short version, string clientId, long connection, IMessage message)
    {
        Fault decided = Fault.None;
        foreach (Interceptor interceptor in interceptors)
        {
            Fault fault = interceptor.Decide(api, version, clientId, connection, message);
            if (decided.Kind == FaultKind.None) decided = fault;
        }

        return decided;
    }

    private sealed class Interceptor(BrokerFaults faults, ApiKey? api, Func<InterceptedRequest, Fault> decide) : IDisposable
    {
        private int count;

        internal Fault Decide(ApiKey key, short version, string clientId, long connection, IMessage message) =>
            api is null || api == key ? decide(new InterceptedRequest(key, version, clientId, connection, Interlocked.Increment(ref count), message)) : Fault.None;

        public void Dispose()
        {
            lock (faults.gate) faults.interceptors = [.. faults.interceptors.Where(other => other != this)];
        }
    }
}
