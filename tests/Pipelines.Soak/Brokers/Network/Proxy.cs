using System.Net;
using System.Net.Sockets;
using Pipelines.Broker.Server;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Brokers.Network;

/// <summary>Stands between clients and the broker, whose address may change; takes requests apart and does to them what networks do.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();
    private readonly List<Trouble> troubles = [];
    private readonly Task accepting;

    internal Proxy()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1000);
        Address = new Address("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port);
        accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to.</summary>
    internal Address Address { get; }

    /// <summary>Where the broker is.</summary>
    internal Address Broker { get; set; }

    /// <summary>Lets something happen to the next requests that it fits.</summary>
    internal void Add(Trouble trouble)
    {
        lock (gate) troubles.Add(trouble);
    }

    /// <summary>Lets it not happen, when no request has met it.</summary>
    internal void Remove(Trouble trouble)
    {
        lock (gate) troubles.Remove(trouble);
    }

    /// <summary>What happens to a request, if anything does.</summary>
    internal Trouble? Find(ApiKey api, string clientId)
    {
        lock (gate)
        {
            Trouble? found = troubles.Find(trouble => trouble.Fits(api, clientId));
            if (found is null) return null;
            troubles.Remove(found);
            found.Take(clientId);
            return found;
        }
    }

    internal async Task<Socket> ConnectAsync(CancellationToken cancellation)
    {
        var broker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await broker.ConnectAsync(Broker.Host, Broker.Port, cancellation);
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await accepting;
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                Socket client = await listener.AcceptAsync(closing.Token);
                client.NoDelay = true;
                _ = new ProxiedConnection(this, client).RunAsync(closing.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Closed, or a client that was gone before it was met.
            }
        }
    }
}
