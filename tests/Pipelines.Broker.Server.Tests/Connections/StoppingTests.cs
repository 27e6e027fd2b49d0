using System.Net;
using Microsoft.AspNetCore.Connections;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Server.Connections;
using Pipelines.Broker.Server.Requests;

namespace Pipelines.Broker.Server.Tests.Connections;

/// <summary>What connections see of a broker that stops.</summary>
public sealed class StoppingTests
{
    [Fact]
    public async Task A_connection_that_comes_in_when_all_were_closed_is_closed_too()
    {
        // Kestrel waits half a minute for connections that stay, and clients that were cut off come back at once.
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        using GroupService groups = await GroupService.OpenAsync(broker.Engine);
        var handler = new BrokerConnectionHandler(new BrokerServices(broker.Engine, groups, new BrokerServerOptions(), "test"));
        var here = new IPEndPoint(IPAddress.Loopback, 9092);
        var late = new DefaultConnectionContext { LocalEndPoint = here, RemoteEndPoint = here };
        handler.CloseAll();
        await handler.OnConnectedAsync(late).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(late.ConnectionClosed.WaitHandle.WaitOne(TimeSpan.FromSeconds(20)));
    }
}
