using System.Net.Security;
using System.Net.Sockets;
using Pipelines.Protocol.Messages;

namespace Pipelines.Protocol.Client;

/// <summary>Finds out why a broker closes connections without a word: a port of another kind, or a login that is missing.</summary>
/// <remarks>Each question costs a connection, so it is asked only when one was closed before it was of any use. No password is ever sent.</remarks>
internal static class ConnectionProbe
{
    private const short UnsupportedSaslMechanism = 33;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Whether the port speaks TLS where the client does not, or the other way round.</summary>
    /// <returns>What was found; null when it is neither.</returns>
    internal static async Task<BrokerConnectionException?> FindProtocolAsync(string host, int port, BrokerConnectionOptions options, Exception cause)
    {
        if (options.Tls is null)
        {
            return await SpeaksTlsAsync(host, port, options.Time).ConfigureAwait(false)
                ? new($"Broker {host}:{port} speaks TLS, but was spoken to without it.", 0, cause) { Problem = ConnectionProblem.SpeaksTls }
                : null;
        }

        try
        {
            await (await BrokerConnection.ConnectAsync(host, port, Probing(options) with { Tls = null }).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            return new($"Broker {host}:{port} speaks without TLS, but was spoken to with it.", 0, cause) { Problem = ConnectionProblem.SpeaksPlaintext };
        }
        catch (BrokerConnectionException answer)
        {
            return answer.Problem == ConnectionProblem.NotKafka ? answer : null;
        }
    }

    /// <summary>Whether the broker wants a login.</summary>
    /// <returns>What was found; null when it wants none, or does not say.</returns>
    internal static async Task<BrokerConnectionException?> FindLoginAsync(string host, int port, BrokerConnectionOptions options, Exception cause)
    {
        try
        {
            await using BrokerConnection connection = await BrokerConnection.ConnectAsync(host, port, Probing(options)).ConfigureAwait(false);
            SaslHandshakeResponse answer = await connection.SendAsync(new SaslHandshakeRequest { Mechanism = "" }).ConfigureAwait(false);
            return answer.ErrorCode == UnsupportedSaslMechanism
                ? new($"Broker {host}:{port} demands a login with {string.Join(" or ", answer.Mechanisms)}, and there is none.", 0, cause) { Problem = ConnectionProblem.LoginDemanded }
                : null;
        }
        catch (BrokerConnectionException)
        {
            return null;
        }
    }

    private static async Task<bool> SpeaksTlsAsync(string host, int port, TimeProvider time)
    {
        bool isShown = false;
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, patience.Token).ConfigureAwait(false);
            await using var secure = new SslStream(client.GetStream());
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = host,
                // Nothing is believed and nothing is said: it is enough that there is a certificate.
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    isShown = certificate is not null;
                    return false;
                },
            };
            await secure.AuthenticateAsClientAsync(options, patience.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException or SocketException or System.Security.Authentication.AuthenticationException or OperationCanceledException)
        {
            // What was seen on the way is the answer.
        }

        return isShown;
    }

    private static BrokerConnectionOptions Probing(BrokerConnectionOptions options) =>
        options with { Credentials = null, IsProbe = true, RequestTimeout = options.RequestTimeout < Patience ? options.RequestTimeout : Patience };
}
