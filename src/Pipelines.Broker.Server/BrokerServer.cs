using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Connections;
using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server;

/// <summary>Serves a log engine over TCP to any client of the Kafka protocol.</summary>
/// <remarks>Dispose of it before the engine. Clients that are connected then are cut off; what was acknowledged to them is durable.</remarks>
public sealed class BrokerServer : IAsyncDisposable
{
    private static readonly TimeSpan IdleCheck = TimeSpan.FromSeconds(5);

    private readonly WebApplication host;
    private readonly GroupService groups;
    private readonly BrokerConnectionHandler connections;
    private readonly Timer idle;

    private BrokerServer(WebApplication host, GroupService groups, BrokerConnectionHandler connections, Address address)
    {
        this.host = host;
        this.groups = groups;
        this.connections = connections;
        Address = address;
        idle = new Timer(static handler => ((BrokerConnectionHandler)handler!).CloseIdle(), connections, IdleCheck, IdleCheck);
    }

    /// <summary>Where it listens.</summary>
    public Address Address { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="engine">The engine to serve; it stays the caller's.</param>
    /// <param name="options">How; on a free port of loopback when null.</param>
    /// <param name="groupOptions">What members of groups may ask for.</param>
    /// <param name="clusterId">What the cluster is called in metadata.</param>
    /// <exception cref="IOException">The address is taken, or is not one of this machine's.</exception>
    /// <exception cref="ArgumentException">Passwords would cross the network in the clear, or nobody could come in.</exception>
    public static async Task<BrokerServer> StartAsync(LogEngine engine, BrokerServerOptions? options = null, GroupOptions? groupOptions = null, string clusterId = "pipelines")
    {
        ArgumentNullException.ThrowIfNull(engine);
        options ??= new BrokerServerOptions();
        GroupService groups = await GroupService.OpenAsync(engine, groupOptions);
        var services = new BrokerServices(engine, groups, options, clusterId);
        var connections = new BrokerConnectionHandler(services);
        WebApplication? host = null;
        try
        {
            IPEndPoint endPoint = await ResolveAsync(options.Listen);
            CheckSecurity(options, endPoint);
            host = BuildHost(endPoint, connections, services);
            await host.StartAsync();
            var bound = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
            var address = new Address(options.Listen.Host, bound.Port);
            ServerLog.Listening(services.Log, address.ToString());
            return new BrokerServer(host, groups, connections, address);
        }
        catch
        {
            if (host is not null) await host.DisposeAsync();
            groups.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await idle.DisposeAsync();
        // First the groups: they answer whoever waits in them.
        groups.Dispose();
        connections.CloseAll();
        await host.StopAsync();
        await host.DisposeAsync();
    }

    private static WebApplication BuildHost(IPEndPoint endPoint, BrokerConnectionHandler connections, BrokerServices services)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(connections);
        builder.Services.AddLogging(static logging => logging.ClearProviders());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(static sockets => sockets.NoDelay = true);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlocks>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endPoint, listener =>
        {
            if (services.Options.Tls is { } tls) listener.UseTls(tls, services.Audit);
            listener.UseConnectionHandler<BrokerConnectionHandler>();
        }));
        return builder.Build();
    }

    private static void CheckSecurity(BrokerServerOptions options, IPEndPoint endPoint)
    {
        if (options.Tls is { RequiresClientCertificate: true, ClientAuthorities: null })
            throw new ArgumentException("Clients need a certificate, but nobody is named who may have signed it. Name the authorities, or do without.", nameof(options));
        if (options.Sasl is not { } sasl) return;
        if (sasl.Mechanisms.Count == 0) throw new ArgumentException("Clients have to log in, but there is no mechanism to do it with. Name one, such as SCRAM-SHA-512.", nameof(options));
        if (sasl.Mechanisms.Contains(SaslMechanism.Plain) && options.Tls is null && !sasl.AllowsPlainWithoutTls && !IPAddress.IsLoopback(endPoint.Address))
            throw new ArgumentException($"With PLAIN and without TLS passwords cross the network for all to read. Add a certificate, or leave PLAIN out, or listen on loopback instead of {endPoint}.", nameof(options));
    }

    private static async Task<IPEndPoint> ResolveAsync(Address address)
    {
        if (IPAddress.TryParse(address.Host, out IPAddress? known)) return new IPEndPoint(known, address.Port);
        IPAddress[] found = await Dns.GetHostAddressesAsync(address.Host);
        return found.Length == 0 ? throw new IOException($"'{address.Host}' has no address. Give an address of this machine to listen on.") : new IPEndPoint(found[0], address.Port);
    }
}
