using System.Buffers;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Wire;

namespace Pipelines.Broker.Server.Connections;

/// <summary>One client: its requests are begun in the order in which they come, and answered in that order.</summary>
/// <remarks>
/// A request is begun when the one before it is answered; only appends are begun before, so that a round of flushes covers many of them. What a client has
/// under way is bounded in number and bytes; beyond that nothing is read of it.
/// </remarks>
internal sealed class Connection
{
    private const int MaxUnderWay = 64;
    private const int MaxUnsent = 256 * 1024;
    private const int MaxBytesBeforeLogin = 512 * 1024;

    private readonly ConnectionContext transport;
    private readonly BrokerServices broker;
    private readonly Channel<Exchanged> answers = Channel.CreateBounded<Exchanged>(new BoundedChannelOptions(MaxUnderWay) { SingleReader = true, SingleWriter = true });
    private Task underWay = Task.CompletedTask;
    private long bytesUnderWay;
    private long lastActivity;
    private int unsent;
    private bool isEnded;

    internal Connection(ConnectionContext transport, BrokerServices broker, long id)
    {
        this.transport = transport;
        this.broker = broker;
        Id = id;
        Local = transport.LocalEndPoint is IPEndPoint local ? Address.Of(local) : default;
        RemoteHost = HostOf(transport);
        if (broker.Users is { } users) Sasl = new SaslSession(broker.Options.Sasl!, users);
        else if (transport.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is { } certificate) Principal = TlsListener.PrincipalOf(certificate);
        lastActivity = Environment.TickCount64;
    }

    /// <summary>Counts up with each connection that is accepted.</summary>
    internal long Id { get; }

    /// <summary>Where the client has reached the broker.</summary>
    internal Address Local { get; }

    /// <summary>The client's address.</summary>
    internal string RemoteHost { get; }

    /// <summary>Who the client is.</summary>
    internal string Principal { get; set; } = "User:ANONYMOUS";

    /// <summary>How far the client's login is; null when it need not log in.</summary>
    internal SaslSession? Sasl { get; }

    /// <summary>Cancelled when the client has gone, or the connection was ended here.</summary>
    internal CancellationToken Closed => transport.ConnectionClosed;

    /// <summary>How long nothing has come, while nothing was under way.</summary>
    internal TimeSpan Idle => underWay.IsCompleted ? TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref lastActivity)) : TimeSpan.Zero;

    internal static string HostOf(ConnectionContext transport) => transport.RemoteEndPoint is IPEndPoint remote ? Address.Of(remote).Host : "";

    /// <summary>Ends the connection at once.</summary>
    internal void Abort(string reason)
    {
        ServerLog.Closed(broker.Log, RemoteHost, Id, reason);
        transport.Abort();
    }

    /// <summary>Serves the client until it goes.</summary>
    internal async Task RunAsync()
    {
        Task answering = AnswerAsync();
        try
        {
            await ReadAsync();
        }
        catch (Exception refused) when (refused is FrameTooLargeException or MalformedMessageException or UnservedRequestException)
        {
            ServerLog.Refused(broker.Log, RemoteHost, Id, refused.Message);
        }
        catch (NotLoggedInException early)
        {
            broker.Audit.NotLoggedIn(this, early.Api);
        }
        catch (Exception gone) when (gone is IOException or ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            // The client is gone; that is its right.
        }
        finally
        {
            answers.Writer.TryComplete();
            await answering;
        }
    }

    private async Task ReadAsync()
    {
        var frames = new FrameReader(transport.Transport.Input, () => Sasl is { IsDone: false } ? Math.Min(MaxBytesBeforeLogin, broker.Options.MaxRequestBytes) : broker.Options.MaxRequestBytes);
        while (await frames.ReadAsync() is { } frame)
        {
            Volatile.Write(ref lastActivity, Environment.TickCount64);
            // What may come next depends on what came of the last message.
            if (Sasl is { IsDone: false }) await DrainAsync();
            if (Sasl is { TakesBareMessages: true } login)
            {
                Task<Reply?> answer = TakeBareAsync(login, frame);
                underWay = answer;
                if (!await TryAnswerLaterAsync(new Exchanged(answer, 0))) return;
                continue;
            }

            Exchange exchange;
            try
            {
                exchange = Exchange.Read(frame, this, broker);
            }
            catch
            {
                frame.Dispose();
                throw;
            }

            if (!exchange.Handler.IsPipelined || Interlocked.Read(ref bytesUnderWay) > broker.Options.MaxConnectionBytes) await DrainAsync();
            Interlocked.Add(ref bytesUnderWay, exchange.Bytes);
            Task<Reply?> reply = exchange.RunAsync();
            underWay = underWay.IsCompleted ? reply : Task.WhenAll(underWay, reply);
            if (!await TryAnswerLaterAsync(new Exchanged(reply, exchange.Bytes))) return;
        }
    }

    /// <summary>Takes a message of a login that comes without a header, as its answer does; a login that fails has none.</summary>
    private async Task<Reply?> TakeBareAsync(SaslSession login, Frame frame)
    {
        using Frame message = frame;
        SaslStep step = await Login.TakeAsync(login, message.Memory, this, broker);
        if (step.Outcome is SaslOutcome.Failed or SaslOutcome.OutOfTurn)
        {
            Abort("its login has failed");
            return null;
        }

        var answer = new Reply([]);
        answer.Writer.WriteBytes(System.Text.Encoding.UTF8.GetBytes(step.Answer));
        return answer;
    }

    /// <summary>Hands the answer to come to the other loop. False when that has ended.</summary>
    private async ValueTask<bool> TryAnswerLaterAsync(Exchanged exchanged)
    {
        while (await answers.Writer.WaitToWriteAsync())
        {
            if (answers.Writer.TryWrite(exchanged)) return true;
        }

        await DiscardAsync(exchanged);
        return false;
    }

    /// <summary>Waits until everything that was begun is done, well or not.</summary>
    private async ValueTask DrainAsync()
    {
        if (underWay.IsCompleted) return;
        await underWay.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (await answers.Reader.WaitToReadAsync())
            {
                while (!isEnded && answers.Reader.TryRead(out Exchanged next)) await AnswerAsync(next);
                await SendAsync();
                if (!isEnded) continue;
                // Not aborted: the client is to read why.
                await transport.Transport.Output.CompleteAsync();
                transport.Transport.Input.CancelPendingRead();
                return;
            }
        }
        catch (Exception gone) when (gone is IOException or ConnectionResetException or ConnectionAbortedException or OperationCanceledException or InvalidOperationException)
        {
            // Nobody is there to be answered.
        }
        catch (StorageFailedException)
        {
            // The engine has said so already; the client asks again elsewhere.
        }
        catch (Exception bug)
        {
            ServerLog.Failed(broker.Log, RemoteHost, Id, bug);
        }
        finally
        {
            answers.Writer.TryComplete();
            if (!isEnded) transport.Abort();
            while (answers.Reader.TryRead(out Exchanged left)) await DiscardAsync(left);
        }
    }

    private async Task AnswerAsync(Exchanged next)
    {
        // What is written goes out while the next answer is waited for.
        if (!next.Reply.IsCompleted) await SendAsync();
        using Reply? reply = await next.Reply;
        Interlocked.Add(ref bytesUnderWay, -next.Bytes);
        if (reply is null) return;
        foreach (ReadOnlyMemory<byte> segment in reply.Writer.Segments) await WriteAsync(segment);
        isEnded = reply.EndsConnection;
        Volatile.Write(ref lastActivity, Environment.TickCount64);
    }

    /// <summary>Short answers are kept, to go out together with those that are ready behind them; long ones go out piece by piece.</summary>
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = Math.Min(bytes.Length, MaxUnsent - unsent);
            transport.Transport.Output.Write(bytes.Span[..count]);
            bytes = bytes[count..];
            unsent += count;
            if (unsent == MaxUnsent) await SendAsync();
        }
    }

    private async ValueTask SendAsync()
    {
        if (unsent == 0) return;
        unsent = 0;
        if ((await transport.Transport.Output.FlushAsync()).IsCompleted) throw new IOException("The client has gone.");
    }

    private static async Task DiscardAsync(Exchanged exchanged)
    {
        try
        {
            (await exchanged.Reply)?.Dispose();
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            // Nobody is there to be told.
        }
    }

    private readonly record struct Exchanged(Task<Reply?> Reply, int Bytes);
}
