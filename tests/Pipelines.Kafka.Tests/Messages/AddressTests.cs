using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipelines.Broker.Server;
using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>The cluster is not where the settings say it is.</summary>
public sealed class AddressTests : IDisposable
{
    private readonly Certificates certificates = new();

    public void Dispose() => certificates.Dispose();

    [Theory(Timeout = 60_000)]
    [InlineData("localhost:9092", "Pipelines:Broker and Pipelines:Kafka: the broker is 'localhost:9092', but it has to be empty for the embedded one, or a cluster such as kafka://host:9092.")]
    [InlineData("http://localhost:9092", "the broker is 'http://localhost:9092', but it has to be empty for the embedded one, or a cluster such as kafka://host:9092.")]
    [InlineData("kafka://localhost:port", "the broker is 'kafka://localhost:port', but it lists brokers by host and port: write host:9092,other:9092.")]
    [InlineData("kafka://localhost:99999", "it lists brokers by host and port")]
    [InlineData("kafka://alice:hush-hush@localhost:9092", "the broker is 'kafka://***@localhost:9092', but an address is a host and a port only: put the user into sasl.username and the password into sasl.password.")]
    [InlineData("kafka://localhost:9092?token=hush-hush", "the broker is 'kafka://localhost:9092?***', but an address is a host and a port only")]
    public async Task What_is_no_address_is_refused(string broker, string expected) =>
        Assert.Contains(expected, await Started.RefusedAsync(("Pipelines:Broker", broker)), StringComparison.Ordinal);

    [Fact(Timeout = 60_000)]
    public async Task Bootstrap_servers_are_checked_like_the_address() => Assert.Contains(
        "bootstrap.servers is '***@there:9092', but an address is a host and a port only",
        await Started.RefusedAsync(("Pipelines:Broker", "kafka://here"), ("Pipelines:Kafka:bootstrap.servers", "alice:hush-hush@there:9092")),
        StringComparison.Ordinal);

    [Fact(Timeout = 60_000)]
    public async Task An_unknown_host_is_waited_for()
    {
        await using Started program = Started.Run(("Pipelines:Broker", "kafka://no-such-host.invalid:9092"));
        await program.WaitingAsync("cannot be looked up yet: No connection to broker no-such-host.invalid:9092: no host is known by the name 'no-such-host.invalid'. Correct bootstrap.servers, or have the name resolved");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_broker_that_is_down_is_waited_for_and_used_when_it_comes()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await broker.StopAsync();
        await using Started program = Started.Run(("Pipelines:Broker", $"kafka://{broker.BootstrapServers}"));
        await program.WaitingAsync($"No connection to broker {broker.BootstrapServers}: nothing listens there. Start the broker, or correct bootstrap.servers");
        await broker.RestartAsync();
        await program.Log.FindAsync("Information: The cluster answers again");
        await program.WorksAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_broker_that_is_down_does_not_keep_the_program_from_ending()
    {
        Started program = Started.Run(("Pipelines:Broker", "kafka://127.0.0.1:1"));
        await program.WaitingAsync("nothing listens there");
        await program.DisposeAsync();
        Assert.Equal(0, await program.Ending);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "it answers 'HTTP/1.1 400 Bad Request'. Give the port of a Kafka listener in bootstrap.servers.")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", "it answers 'SSH-2.0-OpenSSH_9.9'.")]
    [InlineData("ÿþýüûúùø", "it answers with the bytes")]
    public async Task What_is_no_broker_is_refused(string answer, string expected)
    {
        using var server = new ForeignServer(answer);
        string line = await Started.RefusedAsync(("Pipelines:Broker", $"kafka://127.0.0.1:{server.Port}"));
        Assert.Contains($"What listens at 127.0.0.1:{server.Port} is no Kafka broker: {expected}", line, StringComparison.Ordinal);
        line = await Started.RefusedAsync(("Pipelines:Broker", $"kafka://127.0.0.1:{server.Port}"), ("Pipelines:Kafka:security.protocol", "ssl"));
        Assert.Contains($"127.0.0.1:{server.Port} is no Kafka broker", line, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000), InlineData(SeamKind.Shipped), InlineData(SeamKind.ApacheKafka)]
    public async Task A_port_with_tls_that_is_spoken_to_in_plaintext_is_named(SeamKind kind)
    {
        await using TlsBroker broker = await TlsBroker.StartAsync(kind, certificates, (certificates.ServerPath, certificates.KeyPath));
        Assert.Contains(
            $"Broker {broker.Bootstrap} speaks TLS, but was spoken to without it. Set security.protocol to ssl",
            await Started.RefusedAsync(("Pipelines:Broker", $"kafka://{broker.Bootstrap}")),
            StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000), InlineData(SeamKind.Shipped), InlineData(SeamKind.ApacheKafka)]
    public async Task A_port_without_tls_that_is_spoken_to_in_tls_is_named(SeamKind kind)
    {
        await using SeamBroker broker = await SeamBroker.StartAsync(kind);
        Assert.Contains(
            $"Broker {broker.Bootstrap} speaks without TLS, but was spoken to with it. Set security.protocol to plaintext",
            await Started.RefusedAsync(("Pipelines:Broker", $"kafka://{broker.Bootstrap}"), ("Pipelines:Kafka:security.protocol", "ssl")),
            StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task All_brokers_that_cannot_be_reached_are_named()
    {
        await using Started program = Started.Run(("Pipelines:Broker", "kafka://127.0.0.1:1,127.0.0.1:2"));
        await program.WaitingAsync("No connection to broker 127.0.0.1:1: nothing listens there. No connection to broker 127.0.0.1:2: nothing listens there. Start the broker, or correct bootstrap.servers");
    }

    [Fact(Timeout = 60_000)]
    public async Task An_address_that_the_cluster_gives_and_nobody_reaches_is_told_as_such()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync(options: new BrokerServerOptions { Advertised = new Address("127.0.0.1", 1) });
        await using Started program = Started.Run(("Pipelines:Broker", $"kafka://{broker.BootstrapServers}"));
        await program.WaitingAsync("No connection to broker 127.0.0.1:1: nothing listens there. The cluster gives that address for one of its brokers: have its advertised.listeners name one that can be reached from here");
    }

    /// <summary>Answers whatever comes with the same bytes, and closes.</summary>
    private sealed class ForeignServer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        internal ForeignServer(string answer)
        {
            listener.Start();
            _ = ServeAsync(Encoding.Latin1.GetBytes(answer));
        }

        internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public void Dispose() => listener.Dispose();

        private async Task ServeAsync(byte[] answer)
        {
            while (true)
            {
                try
                {
                    using TcpClient client = await listener.AcceptTcpClientAsync();
                    NetworkStream stream = client.GetStream();
                    await stream.ReadAtLeastAsync(new byte[4], 4);
                    await stream.WriteAsync(answer);
                    client.Client.Shutdown(SocketShutdown.Send);
                    await stream.CopyToAsync(Stream.Null);
                }
                catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
                {
                    return;
                }
                catch (IOException)
                {
                    // The client has left.
                }
            }
        }
    }
}
