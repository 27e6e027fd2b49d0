using System.Net.Sockets;
using System.Security.Authentication;

namespace Pipelines.Protocol.Client;

/// <content>Connects, and finds out why when it does not succeed.</content>
public sealed partial class BrokerConnection
{
    private readonly (string Host, int Port) endpoint;
    private volatile bool isGreeted;
    private volatile bool isServed;

    /// <summary>Connects, agrees on versions, and says who the client is.</summary>
    /// <exception cref="BrokerConnectionException">The broker cannot be reached, or refuses.</exception>
    public static async Task<BrokerConnection> ConnectAsync(string host, int port, BrokerConnectionOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new BrokerConnectionOptions();
        var client = new TcpClient { NoDelay = true };
        using var timeout = new CancellationTokenSource(options.RequestTimeout, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        BrokerConnection? connection = null;
        TlsHandshake? handshake = null;
        try
        {
            await client.ConnectAsync(host, port, both.Token).ConfigureAwait(false);
            Stream stream = client.GetStream();
            if (options.Tls is not null)
            {
                handshake = new TlsHandshake(host, options);
                stream = await handshake.RunAsync(stream, both.Token).ConfigureAwait(false);
            }

            connection = new BrokerConnection(client.Client, stream, (host, port), options);
            if (options.Negotiate) await connection.NegotiateAsync(both.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception problem)
        {
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            client.Dispose();
            if (cancellation.IsCancellationRequested) throw;
            if (timeout.IsCancellationRequested)
                throw new BrokerConnectionException($"No connection to broker {host}:{port}: it took longer than {options.RequestTimeout.TotalSeconds} s.", 0, problem);
            if (connection is { isGreeted: true } && problem is BrokerConnectionException) throw;
            throw await ExplainAsync(problem, handshake, host, port, options).ConfigureAwait(false);
        }
    }

    /// <summary>What kept a connection from being made, as exactly as can be found out.</summary>
    private static async Task<BrokerConnectionException> ExplainAsync(Exception problem, TlsHandshake? handshake, string host, int port, BrokerConnectionOptions options)
    {
        if (handshake?.Explain(problem, $"{host}:{port}") is { } tls) return tls;
        if (problem is SocketException unreachable) return Unreachable(unreachable, host, port);
        bool isClosed = problem is IOException or BrokerConnectionException { Problem: ConnectionProblem.Closed };
        if ((isClosed || problem is AuthenticationException) && options is { Negotiate: true, IsProbe: false } && await ConnectionProbe.FindProtocolAsync(host, port, options, problem).ConfigureAwait(false) is { } found) return found;
        return problem as BrokerConnectionException
            ?? new($"No connection to broker {host}:{port}: {problem.Message}", 0, problem) { Problem = isClosed ? ConnectionProblem.Closed : ConnectionProblem.Other };
    }

    private static BrokerConnectionException Unreachable(SocketException problem, string host, int port)
    {
        (ConnectionProblem kind, string why) = problem.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => (ConnectionProblem.UnknownHost, $"no host is known by the name '{host}'"),
            SocketError.ConnectionRefused => (ConnectionProblem.Unreachable, "nothing listens there"),
            _ => (ConnectionProblem.Unreachable, problem.Message),
        };
        return new($"No connection to broker {host}:{port}: {why}.", 0, problem) { Problem = kind, Address = $"{host}:{port}" };
    }

    /// <summary>Brokers that want a login close the connection on whoever asks for anything before it, without a word.</summary>
    private async Task<BrokerConnectionException> ExplainUnservedAsync(BrokerConnectionException closed) =>
        await ConnectionProbe.FindLoginAsync(endpoint.Host, endpoint.Port, options, closed).ConfigureAwait(false) ?? closed;

    /// <summary>True for the end of a connection that has been of no use, where a login may have been missing.</summary>
    private bool IsUnserved(BrokerConnectionException problem) =>
        problem.Problem == ConnectionProblem.Closed && isGreeted && !isServed && options is { Credentials: null, IsProbe: false };
}
