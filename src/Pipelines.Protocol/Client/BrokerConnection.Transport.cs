using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Client;

/// <content>Writes requests, and gives each answer to the request it belongs to.</content>
public sealed partial class BrokerConnection
{
    private static void Decode(ReadOnlyMemory<byte> frame, ApiKey key, short version, IMessage response)
    {
        var reader = new MessageReader(frame, isFlexible: false);
        ResponseHeader.Read(ref reader, key, version);
        response.Read(ref reader, version);
        if (reader.Remaining > 0) throw new MalformedMessageException($"{reader.Remaining} bytes follow it.");
    }

    /// <summary>Writes a request. Its place among the pending ones is its place on the wire.</summary>
    private async Task<Pending?> WriteAsync(IMessage request, ApiKey key, short version, bool isAnswered, CancellationToken cancellation)
    {
        int id = Interlocked.Increment(ref correlation);
        // Batches are written from where they lie: whoever sends them leaves them alone until there is an answer, or the connection is closed.
        using var writer = new MessageWriter { KeepsReferences = true };
        writer.WriteInt32(0);
        new RequestHeader(key, version, id, options.ClientId).Write(writer);
        request.Write(writer, version);
        writer.PatchInt32(0, writer.Length - sizeof(int));
        Pending? answer = isAnswered ? new Pending(id) : null;
        await AloneAsync(
            () =>
            {
                if (answer is not null) Await(answer);
                return frames.WriteAsync(writer, closing.Token);
            },
            cancellation).ConfigureAwait(false);
        return answer;
    }

    private async Task AloneAsync(Func<ValueTask> write, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref failure) is { } former) throw Again(former);
            await write().ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException || (problem is OperationCanceledException && closing.IsCancellationRequested))
        {
            throw Fail(Broken(problem));
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Puts a request at the end of those that wait; who reads goes on until none does.</summary>
    private void Await(Pending answer)
    {
        lock (sync)
        {
            if (failure is not null) throw Again(failure);
            pending.Enqueue(answer);
            if (isReading) return;
            isReading = true;
        }

        _ = ReadAnswersAsync();
    }

    private async Task ReadAnswersAsync()
    {
        try
        {
            while (await frames.ReadAsync(options.FrameMemory, closing.Token).ConfigureAwait(false) is { } frame)
            {
                if (!Deliver(frame)) return;
            }

            Fail(new BrokerConnectionException($"Broker {Address} closed the connection before it answered.") { Problem = ConnectionProblem.Closed });
        }
        catch (Exception problem)
        {
            Fail(problem as BrokerConnectionException ?? Broken(problem));
        }
    }

    /// <returns>False when no request waits any more.</returns>
    private bool Deliver(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length < sizeof(int)) throw new InvalidDataException($"an answer of {frame.Length} bytes");
        int id = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frame.Span);
        Pending first;
        bool isMore;
        lock (sync)
        {
            if (pending.Count == 0) return isReading = false;
            if (pending.Peek().CorrelationId != id) throw new InvalidDataException($"an answer to request {id} where that to {pending.Peek().CorrelationId} should come");
            first = pending.Dequeue();
            isMore = pending.Count > 0;
            isReading = isMore;
        }

        first.TrySetResult(frame);
        return isMore;
    }

    private static BrokerConnectionException Again(BrokerConnectionException former) => new(former.Message, former.ErrorCode, former) { Problem = former.Problem };

    private BrokerConnectionException Broken(Exception problem) => problem switch
    {
        ForeignAnswerException { IsTls: true } => new($"Broker {Address} speaks TLS, but was spoken to without it.", 0, problem) { Problem = ConnectionProblem.SpeaksTls },
        ForeignAnswerException => new($"What listens at {Address} is no Kafka broker: {problem.Message}.", 0, problem) { Problem = ConnectionProblem.NotKafka },
        _ => new($"The connection to broker {Address} broke: {problem.Message}", 0, problem) { Problem = problem is IOException ? ConnectionProblem.Closed : ConnectionProblem.Other },
    };

    /// <summary>Closes the connection; every request that waits ends with the reason, which is the first one there was.</summary>
    /// <returns>That reason.</returns>
    private BrokerConnectionException Fail(BrokerConnectionException problem)
    {
        Pending[] left;
        lock (sync)
        {
            if (failure is not null) return failure;
            failure = problem;
            left = [.. pending];
            pending.Clear();
            isReading = false;
        }

        closing.Cancel();
        // Before anybody hears of it: what a request referred to may be written to then.
        _ = frames.DisposeAsync().AsTask();
        foreach (Pending one in left) one.TrySetException(problem);
        return problem;
    }

    private sealed class Pending(int correlationId) : TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int CorrelationId { get; } = correlationId;
    }
}
