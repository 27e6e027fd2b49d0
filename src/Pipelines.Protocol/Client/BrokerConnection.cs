using System.Collections.Immutable;
using System.Net.Sockets;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Client;

/// <summary>One TCP connection to a broker that speaks the Kafka protocol. Several requests may be under way; their answers come in order.</summary>
/// <remarks>
/// Safe for concurrent use, except for raw frames: whoever reads them has the connection alone.
/// Usable => Closed: after Dispose, a time-out, an answer that cannot be read, or when the broker closes; the connection is not used again then.
/// </remarks>
public sealed partial class BrokerConnection : IAsyncDisposable
{
    private readonly Lock sync = new();
    private readonly Queue<Pending> pending = [];
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource closing = new();
    private readonly FrameStream frames;
    private readonly Func<int, byte[]> reused = Reuse();
    private readonly BrokerConnectionOptions options;
    private readonly Socket socket;
    private BrokerConnectionException? failure;
    private bool isReading;
    private int correlation;

    private BrokerConnection(Socket socket, Stream stream, (string Host, int Port) endpoint, BrokerConnectionOptions options)
    {
        this.socket = socket;
        this.endpoint = endpoint;
        frames = new FrameStream(stream, options.MaxFrameBytes);
        Address = $"{endpoint.Host}:{endpoint.Port}";
        this.options = options;
    }

    /// <summary>The broker's host and port.</summary>
    public string Address { get; }

    /// <summary>The versions that the broker named in ApiVersions; empty when nothing was negotiated.</summary>
    public ImmutableDictionary<ApiKey, VersionRange> BrokerVersions { get; private set; } = ImmutableDictionary<ApiKey, VersionRange>.Empty;

    /// <summary>The features that the cluster has switched on, and their levels, such as <c>transaction.version</c>.</summary>
    /// <remarks>Source: KIP-584.</remarks>
    public ImmutableDictionary<string, short> Features { get; private set; } = ImmutableDictionary<string, short>.Empty;

    /// <summary>False once the connection is closed or has failed, or the broker has closed it.</summary>
    public bool IsUsable => Volatile.Read(ref failure) is null && !IsClosedByBroker();

    /// <summary>The highest version of an API that both sides have.</summary>
    /// <exception cref="BrokerConnectionException">There is none.</exception>
    public short VersionOf(ApiKey key)
    {
        VersionRange ours = Api.Of(key).Versions;
        if (!BrokerVersions.TryGetValue(key, out VersionRange theirs)) throw Unsupported($"does not serve {key}");
        short version = Math.Min(ours.Last, theirs.Last);
        return ours.Contains(version) && theirs.Contains(version)
            ? version
            : throw Unsupported($"serves {key} in versions {theirs.First} to {theirs.Last}, and the client has {ours.First} to {ours.Last}");

        BrokerConnectionException Unsupported(string what) => new($"Broker {Address} {what}.") { Problem = ConnectionProblem.UnsupportedVersion };
    }

    /// <summary>Sends a request and waits for its answer, in the highest version that both sides have, or in one that the broker may not even have.</summary>
    /// <returns>The answer; its error codes are the caller's. Empty for a Produce with acks 0, which has none. Bytes in it lie in memory of <see cref="BrokerConnectionOptions.FrameMemory"/>.</returns>
    /// <exception cref="BrokerConnectionException">There was no answer, or one that cannot be read.</exception>
    public async Task<TResponse> SendAsync<TResponse>(IRequest<TResponse> request, short? version = null, CancellationToken cancellation = default)
        where TResponse : IResponse, new()
    {
        ApiKey key = TResponse.ApiKey;
        short spoken = version ?? VersionOf(key);
        bool isAnswered = request is not ProduceRequest { Acks: 0 };
        var response = new TResponse();
        try
        {
            Pending? answer = await WriteAsync(request, key, spoken, isAnswered, cancellation).ConfigureAwait(false);
            if (answer is null) return response;
            ReadOnlyMemory<byte> frame = await answer.Task.WaitAsync(options.RequestTimeout, options.Time, cancellation).ConfigureAwait(false);
            Decode(frame, key, spoken, response);
            isServed = true;
            return response;
        }
        catch (BrokerConnectionException closed) when (IsUnserved(closed))
        {
            throw await ExplainUnservedAsync(closed).ConfigureAwait(false);
        }
        catch (TimeoutException problem)
        {
            throw Fail(new BrokerConnectionException($"Broker {Address} did not answer {key} in {options.RequestTimeout.TotalSeconds} s.", 0, problem));
        }
        catch (MalformedMessageException problem)
        {
            throw Fail(new BrokerConnectionException($"The answer of broker {Address} to {key} version {spoken} cannot be read: {problem.Message}", 0, problem));
        }
    }

    /// <summary>While no request waits nobody reads, so only a look tells that the broker has gone.</summary>
    private bool IsClosedByBroker()
    {
        lock (sync)
        {
            if (isReading || failure is not null) return false;
        }

        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Sends a frame as it is, header and all; its length is put before it. Answers are read with <see cref="ReadFrameAsync"/>.</summary>
    public Task SendFrameAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation = default) =>
        AloneAsync(() => frames.WriteAsync(frame, closing.Token), cancellation);

    /// <summary>Sends bytes as they are: one or more frames with their lengths, or what should be refused.</summary>
    public Task SendBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default) =>
        AloneAsync(() => frames.WriteBytesAsync(bytes, closing.Token), cancellation);

    /// <summary>Reads the next frame, without its length. Not while a <see cref="SendAsync"/> waits for its answer.</summary>
    /// <returns>The frame, valid until the next call; null when the broker closed the connection.</returns>
    /// <exception cref="BrokerConnectionException">The connection broke.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadFrameAsync(CancellationToken cancellation = default)
    {
        lock (sync)
        {
            if (isReading) throw new InvalidOperationException("Requests wait for their answers on this connection. Read raw frames on one of their own.");
        }

        try
        {
            return await frames.ReadAsync(reused, cancellation).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException or InvalidDataException or ForeignAnswerException or ObjectDisposedException)
        {
            throw Fail(Broken(problem));
        }
    }

    /// <summary>The same array again and again, as long as it is large enough.</summary>
    private static Func<int, byte[]> Reuse()
    {
        byte[] array = [];
        return length => array.Length >= length ? array : array = GC.AllocateUninitializedArray<byte>(Math.Max(length, (int)Math.Min(array.Length * 2L, Array.MaxLength)));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Fail(new BrokerConnectionException($"The connection to broker {Address} was closed here."));
        await frames.DisposeAsync().ConfigureAwait(false);
    }
}
