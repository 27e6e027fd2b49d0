using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using SecurityLog.Sources;

namespace SecurityLog.Tests;

/// <summary>The listener, without a log behind it.</summary>
public sealed class ListenerTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);
    private readonly Channel<LineBatch> lines = Channel.CreateUnbounded<LineBatch>();
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task A_last_line_is_kept_when_its_connection_is_reset()
    {
        using SyslogListener listener = Listen(8);
        Task running = listener.RunAsync();
        using Socket sender = await ConnectAsync(listener);
        await sender.SendAsync("<1>one\n<1>partial"u8.ToArray());
        Assert.Equal("<1>one", await NextAsync());
        sender.LingerState = new LingerOption(true, 0);
        sender.Close();
        Assert.Equal("<1>partial", await NextAsync());
        listener.Stop();
        await running;
    }

    [Fact]
    public async Task A_silent_connection_is_closed_and_what_it_had_sent_is_kept()
    {
        using SyslogListener listener = Listen(8);
        Task running = listener.RunAsync();
        using Socket sender = await ConnectAsync(listener);
        await sender.SendAsync("<1>one\n<1>partial"u8.ToArray());
        Assert.Equal("<1>one", await NextAsync());
        Task<string> next = NextAsync();
        while (!next.IsCompleted)
        {
            clock.Advance(Idle);
            await Task.Yield();
        }

        Assert.Equal("<1>partial", await next);
        Assert.Equal(0, await sender.ReceiveAsync(new byte[1]));
        listener.Stop();
        await running;
    }

    [Fact]
    public async Task For_one_more_connection_the_one_that_was_silent_the_longest_is_closed()
    {
        using SyslogListener listener = Listen(2);
        Task running = listener.RunAsync();
        using Socket first = await ConnectAsync(listener);
        await first.SendAsync("<1>first\n"u8.ToArray());
        Assert.Equal("<1>first", await NextAsync());
        clock.Advance(TimeSpan.FromSeconds(1));
        using Socket second = await ConnectAsync(listener);
        await second.SendAsync("<1>second\n"u8.ToArray());
        Assert.Equal("<1>second", await NextAsync());
        clock.Advance(TimeSpan.FromSeconds(1));
        await first.SendAsync("<1>first again\n"u8.ToArray());
        Assert.Equal("<1>first again", await NextAsync());
        clock.Advance(TimeSpan.FromSeconds(1));
        using Socket third = await ConnectAsync(listener);
        await third.SendAsync("<1>third\n"u8.ToArray());
        Assert.Equal("<1>third", await NextAsync());
        Assert.Equal(0, await second.ReceiveAsync(new byte[1]));
        Assert.Equal(2, listener.Connections.Count);
        await first.SendAsync("<1>still here\n"u8.ToArray());
        Assert.Equal("<1>still here", await NextAsync());
        listener.Stop();
        await running;
    }

    [Fact]
    public async Task What_had_come_when_the_listener_stops_is_kept()
    {
        using SyslogListener listener = Listen(2);
        Task running = listener.RunAsync();
        using Socket sender = await ConnectAsync(listener);
        await sender.SendAsync("<1>one\n<1>partial"u8.ToArray());
        Assert.Equal("<1>one", await NextAsync());
        listener.Stop();
        await running;
        Assert.Equal("<1>partial", await NextAsync());
    }

    [Fact]
    public async Task Datagrams_that_the_system_drops_are_counted()
    {
        using SyslogListener listener = Listen(2);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Equal(OperatingSystem.IsLinux() ? 0 : null, listener.Dropped);
        // Nobody receives, so the buffer fills: at most the 8 MiB that Linux makes of the 4 asked for.
        for (int i = 0; i < 200; i++) await sender.SendToAsync(new byte[60_000], listener.Address);
        if (OperatingSystem.IsLinux()) Assert.InRange(listener.Dropped!.Value, 1, 200);
    }

    private SyslogListener Listen(int connections) =>
        SyslogListener.Open(new IPEndPoint(IPAddress.Loopback, 0), lines.Writer, new ConnectionLimits(connections, Idle), clock);

    private static async Task<Socket> ConnectAsync(SyslogListener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(listener.Address);
        return socket;
    }

    private async Task<string> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return Encoding.UTF8.GetString(Assert.Single((await lines.Reader.ReadAsync(patience.Token)).Lines).Span);
    }
}
