using System.Text;
using Pipelines.Broker.Server.Tests.Support;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;
using Pipelines.Tests;

namespace Pipelines.Broker.Server.Tests.Security;

/// <summary>Who gets in, and what is said of who does not.</summary>
public sealed class LoginTests
{
    private const short UnsupportedSaslMechanism = 33;
    private const short IllegalSaslState = 34;
    private const short SaslAuthenticationFailed = 58;

    private readonly LogLines log = new();

    [Theory]
    [InlineData(SaslMechanism.Plain)]
    [InlineData(SaslMechanism.ScramSha256)]
    [InlineData(SaslMechanism.ScramSha512)]
    public async Task Right_password_lets_in(SaslMechanism mechanism)
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync(new SaslCredentials(mechanism, "al=i,ce", "pass=w,ord ü"));
        MetadataResponse metadata = await connection.SendAsync(new MetadataRequest { Topics = [] });
        Assert.Single(metadata.Brokers);
        await log.FindAsync("Information: User:al=i,ce at 127.0.0.1 has logged in with ");
    }

    [Theory]
    [InlineData(SaslMechanism.Plain, "al=i,ce", "guessed")]
    [InlineData(SaslMechanism.ScramSha256, "al=i,ce", "guessed")]
    [InlineData(SaslMechanism.ScramSha512, "al=i,ce", "guessed")]
    [InlineData(SaslMechanism.Plain, "nobody", "pass=w,ord ü")]
    [InlineData(SaslMechanism.ScramSha256, "nobody", "pass=w,ord ü")]
    public async Task Wrong_password_is_told_and_logged_without_it(SaslMechanism mechanism, string user, string password)
    {
        await using EmbeddedBroker broker = await StartAsync();
        var refused = await Assert.ThrowsAsync<BrokerConnectionException>(() => broker.ConnectAsync(new SaslCredentials(mechanism, user, password)));
        Assert.Equal(SaslAuthenticationFailed, refused.ErrorCode);
        Assert.Contains("has failed", refused.Message, StringComparison.Ordinal);
        await log.FindAsync($"Warning: Login of '{user}' at 127.0.0.1");
        Assert.DoesNotContain(log.All, line => line.Contains(password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unknown_mechanism_is_answered_with_those_that_are_known()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync();
        SaslHandshakeResponse answer = await connection.SendAsync(new SaslHandshakeRequest { Mechanism = "GSSAPI" });
        Assert.Equal(UnsupportedSaslMechanism, answer.ErrorCode);
        Assert.Equal(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], answer.Mechanisms);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => connection.SendAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }));
    }

    [Fact]
    public async Task Request_before_login_closes_the_connection()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync();
        await Assert.ThrowsAsync<BrokerConnectionException>(() => connection.SendAsync(new MetadataRequest { Topics = [] }));
        await log.FindAsync("Warning: 127.0.0.1 asked for Metadata before it logged in");
    }

    [Fact]
    public async Task Login_without_handshake_is_refused_and_closed()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync();
        SaslAuthenticateResponse answer = await connection.SendAsync(new SaslAuthenticateRequest { AuthBytes = "\0al=i,ce\0pass=w,ord ü"u8.ToArray() });
        Assert.Equal(IllegalSaslState, answer.ErrorCode);
        await Assert.ThrowsAsync<BrokerConnectionException>(() => connection.SendAsync(new ApiVersionsRequest()));
    }

    [Fact]
    public async Task Second_login_is_refused_and_the_first_stays()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync(new SaslCredentials(SaslMechanism.Plain, "al=i,ce", "pass=w,ord ü"));
        SaslHandshakeResponse again = await connection.SendAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" });
        Assert.Equal(IllegalSaslState, again.ErrorCode);
        Assert.Single((await connection.SendAsync(new MetadataRequest { Topics = [] })).Brokers);
    }

    [Theory]
    [InlineData("pass=w,ord ü", true)]
    [InlineData("guessed", false)]
    public async Task Messages_without_headers_are_taken_after_a_handshake_of_version_0(string password, bool isRight)
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync();
        Assert.Equal(0, (await connection.SendAsync(new SaslHandshakeRequest { Mechanism = "PLAIN" }, version: 0)).ErrorCode);
        await connection.SendFrameAsync(Encoding.UTF8.GetBytes($"\0al=i,ce\0{password}"));
        if (isRight)
        {
            Assert.Equal(0, (await connection.ReadFrameAsync())!.Value.Length);
            Assert.Single((await connection.SendAsync(new MetadataRequest { Topics = [] })).Brokers);
            return;
        }

        try
        {
            Assert.Null(await connection.ReadFrameAsync());
        }
        catch (BrokerConnectionException)
        {
            // Closed in the other way.
        }

        await log.FindAsync("Warning: Login of 'al=i,ce'");
    }

    [Fact]
    public async Task Large_request_before_login_is_not_read()
    {
        await using EmbeddedBroker broker = await StartAsync();
        await using BrokerConnection connection = await broker.ConnectAsync();
        await connection.SendBytesAsync(new byte[] { 1, 0, 0, 0 });
        await log.FindAsync("A request of 16777216 bytes, where 524288 are allowed");
    }

    private Task<EmbeddedBroker> StartAsync() => EmbeddedBroker.StartAsync(options: new BrokerServerOptions
    {
        Sasl = new SaslOptions
        {
            Mechanisms = [SaslMechanism.Plain, SaslMechanism.ScramSha256, SaslMechanism.ScramSha512],
            Users = new Dictionary<string, string> { ["al=i,ce"] = "pass=w,ord ü" },
        },
        LoggerFactory = log,
    });
}
