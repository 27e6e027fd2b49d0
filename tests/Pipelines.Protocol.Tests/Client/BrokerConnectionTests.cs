using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Client;

/// <summary>The connection against a broker that does what each test says.</summary>
public sealed class BrokerConnectionTests
{
    [Fact]
    public async Task An_older_broker_is_asked_again_in_its_version_and_requests_go_in_the_highest_both_have()
    {
        var asked = new List<short>();
        await using var broker = new ScriptedBroker((header, body) => header.ApiKey switch
        {
            ApiKey.ApiVersions => Versions(header, asked),
            _ => Answer(header, new HeartbeatResponse { ErrorCode = header.ApiVersion }),
        });
        await using BrokerConnection connection = await BrokerConnection.ConnectAsync("127.0.0.1", broker.Port);
        Assert.Equal([3, 2], asked);
        Assert.Equal(2, (await connection.SendAsync(new HeartbeatRequest())).ErrorCode);
        Assert.Equal(1, (await connection.SendAsync(new HeartbeatRequest(), version: 1)).ErrorCode);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => connection.SendAsync(new MetadataRequest()));
    }

    [Fact]
    public async Task Requests_under_way_together_get_their_own_answers()
    {
        await using var broker = new ScriptedBroker((header, body) =>
        {
            var request = new HeartbeatRequest();
            var reader = new MessageReader(body, isFlexible: false);
            request.Read(ref reader, header.ApiVersion);
            return Answer(header, new HeartbeatResponse { ErrorCode = (short)request.GenerationId });
        });
        await using BrokerConnection connection = await RawAsync(broker);
        HeartbeatResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => connection.SendAsync(new HeartbeatRequest { GenerationId = i }, version: 2)));
        Assert.Equal(Enumerable.Range(0, 500), answers.Select(static answer => (int)answer.ErrorCode));
    }

    [Fact]
    public async Task An_answer_to_another_request_closes_the_connection()
    {
        await using var broker = new ScriptedBroker((header, _) => Answer(header with { CorrelationId = header.CorrelationId + 1 }, new HeartbeatResponse()));
        await using BrokerConnection connection = await RawAsync(broker);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => connection.SendAsync(new HeartbeatRequest(), version: 2));
        Assert.False(connection.IsUsable);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => connection.SendAsync(new HeartbeatRequest(), version: 2));
    }

    [Fact]
    public async Task A_broker_that_closes_ends_every_request_that_waits()
    {
        await using var broker = new ScriptedBroker((_, _) => null);
        await using BrokerConnection connection = await RawAsync(broker);
        Task<HeartbeatResponse> first = connection.SendAsync(new HeartbeatRequest(), version: 2), second = connection.SendAsync(new HeartbeatRequest(), version: 2);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => first);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => second);
    }

    [Fact]
    public async Task Raw_frames_go_and_come_as_they_are()
    {
        await using var broker = new ScriptedBroker((header, _) => Answer(header, new HeartbeatResponse { ErrorCode = 5 }));
        await using BrokerConnection connection = await RawAsync(broker);
        using var writer = new MessageWriter();
        new RequestHeader(ApiKey.Heartbeat, 0, 9, null).Write(writer);
        await connection.SendFrameAsync(writer.Written);
        Assert.Equal("000000090005", Convert.ToHexString((await connection.ReadFrameAsync())!.Value.Span));
    }

    [Theory]
    [InlineData(SaslMechanism.Plain, "geheim", true)]
    [InlineData(SaslMechanism.Plain, "falsch", false)]
    [InlineData(SaslMechanism.ScramSha256, "geheim", true)]
    [InlineData(SaslMechanism.ScramSha512, "geheim", true)]
    [InlineData(SaslMechanism.ScramSha512, "falsch", false)]
    public async Task Credentials_are_proved(SaslMechanism mechanism, string password, bool isRight)
    {
        var server = new SaslServer(mechanism, "anna", "geheim");
        await using var broker = new ScriptedBroker((header, body) => header.ApiKey switch
        {
            ApiKey.ApiVersions => Versions(header, []),
            ApiKey.SaslHandshake => Answer(header, new SaslHandshakeResponse()),
            _ => Answer(header, server.Next(body)),
        });
        var options = new BrokerConnectionOptions { Credentials = new SaslCredentials(mechanism, "anna", password) };
        if (isRight) await using (BrokerConnection connection = await BrokerConnection.ConnectAsync("127.0.0.1", broker.Port, options)) Assert.True(connection.IsUsable);
        else Assert.Equal(58, (await Assert.ThrowsAsync<BrokerConnectionException>(() => BrokerConnection.ConnectAsync("127.0.0.1", broker.Port, options))).ErrorCode);
    }

    private static Task<BrokerConnection> RawAsync(ScriptedBroker broker) =>
        BrokerConnection.ConnectAsync("127.0.0.1", broker.Port, new BrokerConnectionOptions { Negotiate = false });

    private static byte[] Answer(RequestHeader header, IMessage response, short? version = null)
    {
        using var writer = new MessageWriter();
        ResponseHeader.Write(writer, header.ApiKey, version ?? header.ApiVersion, header.CorrelationId);
        response.Write(writer, version ?? header.ApiVersion);
        return writer.Written.ToArray();
    }

    /// <summary>A broker with ApiVersions to 2 and Heartbeat to 2; what it does not have, it answers in version 0.</summary>
    private static byte[] Versions(RequestHeader header, List<short> asked)
    {
        asked.Add(header.ApiVersion);
        var answer = new ApiVersionsResponse { ErrorCode = (short)(header.ApiVersion > 2 ? 35 : 0) };
        foreach ((ApiKey key, short last) in ((ApiKey, short)[])[(ApiKey.ApiVersions, 2), (ApiKey.Heartbeat, 2), (ApiKey.SaslHandshake, 1), (ApiKey.SaslAuthenticate, 1)])
            answer.ApiKeys.Add(new ApiVersionsResponse.ApiVersion { ApiKey = (short)key, MaxVersion = last });
        return Answer(header, answer, header.ApiVersion > 2 ? (short)0 : header.ApiVersion);
    }

    private sealed class SaslServer(SaslMechanism mechanism, string user, string password)
    {
        private readonly ScramHash scram = mechanism == SaslMechanism.ScramSha256 ? ScramHash.Sha256 : ScramHash.Sha512;
        private string exchange = "";

        public SaslAuthenticateResponse Next(ReadOnlyMemory<byte> body)
        {
            var reader = new MessageReader(body, isFlexible: false);
            string message = Encoding.UTF8.GetString(reader.ReadBytes("AuthBytes").Span);
            if (mechanism == SaslMechanism.Plain) return message == $"\0{user}\0{password}" ? new() : Refused();
            if (exchange.Length == 0)
            {
                string nonce = message.Split("r=")[1];
                string first = $"r={nonce}server,s={Convert.ToBase64String("salt"u8)},i=4096";
                exchange = $"{message[3..]},{first},c=biws,r={nonce}server";
                return new() { AuthBytes = Encoding.UTF8.GetBytes(first) };
            }

            byte[] salted = scram.SaltedPassword(password, "salt"u8, 4096);
            if (!scram.IsProof(Convert.FromBase64String(message.Split(",p=")[1]), scram.StoredKey(scram.ClientKey(salted)), exchange)) return Refused();
            return new() { AuthBytes = Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(scram.ServerSignature(scram.ServerKey(salted), exchange))) };
        }

        private static SaslAuthenticateResponse Refused() => new() { ErrorCode = 58, ErrorMessage = "no" };
    }

    /// <summary>Answers one connection's requests; null closes it.</summary>
    private sealed class ScriptedBroker : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Task serving;

        public ScriptedBroker(Func<RequestHeader, ReadOnlyMemory<byte>, byte[]?> answer)
        {
            listener.Start();
            serving = ServeAsync(answer);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await serving;
        }

        private async Task ServeAsync(Func<RequestHeader, ReadOnlyMemory<byte>, byte[]?> answer)
        {
            try
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                var prefix = new byte[4];
                while (true)
                {
                    await stream.ReadExactlyAsync(prefix);
                    var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
                    await stream.ReadExactlyAsync(frame);
                    if (answer(Header(frame, out int end), frame.AsMemory(end)) is not { } bytes) return;
                    BinaryPrimitives.WriteInt32BigEndian(prefix, bytes.Length);
                    await stream.WriteAsync((byte[])[.. prefix, .. bytes]);
                }
            }
            catch (Exception over) when (over is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The client went, or the test is over.
            }
        }

        private static RequestHeader Header(byte[] frame, out int end)
        {
            var reader = new MessageReader(frame, isFlexible: false);
            RequestHeader header = RequestHeader.Read(ref reader);
            end = reader.Position;
            return header;
        }
    }
}
