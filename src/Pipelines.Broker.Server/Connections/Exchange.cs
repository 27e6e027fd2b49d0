using Pipelines.Broker.Server.Faults;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Broker.Server.Connections;

/// <summary>One request and the way to its answer.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly Frame frame;
    private readonly RequestContext context;
    private readonly IMessage request;

    private Exchange(Frame frame, Handler handler, IMessage request, RequestContext context, RequestHeader header)
    {
        this.frame = frame;
        this.request = request;
        this.context = context;
        Handler = handler;
        Header = header;
    }

    internal Handler Handler { get; }

    internal RequestHeader Header { get; }

    /// <summary>The bytes that the request holds.</summary>
    internal int Bytes => frame.Length;

    /// <summary>Reads a request.</summary>
    /// <exception cref="MalformedMessageException">It is none.</exception>
    /// <exception cref="UnservedRequestException">The API or its version is not served.</exception>
    /// <exception cref="NotLoggedInException">The client has to log in first.</exception>
    internal static Exchange Read(Frame frame, Connection connection, BrokerServices broker)
    {
        var reader = new MessageReader(frame.Memory, isFlexible: false);
        RequestHeader header = RequestHeader.Read(ref reader);
        if (Api.Find(header.ApiKey) is not { Served.IsEmpty: false } api || HandlerTable.Find(header.ApiKey) is not { } handler)
            throw new UnservedRequestException($"API {(short)header.ApiKey} is not served.");
        // Before the body: nothing of somebody unknown is read without need.
        if (connection.Sasl?.Admits(header.ApiKey) == false) throw new NotLoggedInException(header.ApiKey);
        var context = new RequestContext(broker, connection, header);
        IMessage request = handler.NewRequest();
        // A client that does not know yet what is served asks in its own latest version; its body is not looked at then (KIP-511).
        if (api.Served.Contains(header.ApiVersion)) request.Read(ref reader, header.ApiVersion);
        else if (header.ApiKey != ApiKey.ApiVersions) throw new UnservedRequestException($"{header.ApiKey} version {header.ApiVersion} is not served, only {api.Served.First} to {api.Served.Last}.");
        return new Exchange(frame, handler, request, context, header);
    }

    /// <summary>Serves the request and writes its answer.</summary>
    /// <returns>The frame of the answer; null when the client wants none.</returns>
    internal async Task<Reply?> RunAsync()
    {
        try
        {
            IMessage? response = context.Broker.Options.Faults is { } faults ? await InvokeAsync(faults) : await Handler.InvokeAsync(request, context);
            return response is null ? null : Write(response);
        }
        catch
        {
            foreach (IDisposable buffer in context.Lent) buffer.Dispose();
            throw;
        }
        finally
        {
            frame.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => frame.Dispose();

    private async ValueTask<IMessage?> InvokeAsync(BrokerFaults faults)
    {
        Fault fault = faults.Decide(Header.ApiKey, Header.ApiVersion, context.ClientId, context.Connection.Id, request);
        TimeProvider clock = context.Engine.Options.Clock;
        switch (fault.Kind)
        {
            case FaultKind.Answer:
                return fault.Response;
            case FaultKind.Cut:
                context.Connection.Abort("a test cut it");
                return null;
            case FaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, clock, context.Connection.Closed).ContinueWith(static _ => { }, TaskScheduler.Default);
                return null;
            case FaultKind.Delay:
                await Task.Delay(fault.Time, clock);
                break;
            case FaultKind.Twice:
                await Handler.InvokeAsync(request, context);
                break;
        }

        IMessage? response = await Handler.InvokeAsync(request, context);
        if (fault.Kind == FaultKind.DelayAnswer) await Task.Delay(fault.Time, clock);
        if (fault.Kind != FaultKind.CutAfterwards) return response;
        context.Connection.Abort("a test cut it");
        return null;
    }

    private Reply Write(IMessage response)
    {
        var reply = new Reply(context.Lent) { EndsConnection = context.EndsConnection };
        try
        {
            short version = Api.Of(Header.ApiKey).Served.Contains(Header.ApiVersion) ? Header.ApiVersion : (short)0;
            reply.Writer.WriteInt32(0);
            ResponseHeader.Write(reply.Writer, Header.ApiKey, version, Header.CorrelationId);
            response.Write(reply.Writer, version);
            reply.Writer.PatchInt32(0, reply.Writer.Length - sizeof(int));
            return reply;
        }
        catch
        {
            reply.Writer.Dispose();
            throw;
        }
    }
}

/// <summary>The frame of an answer, and what it borrows until it is sent.</summary>
internal sealed class Reply(IReadOnlyList<IDisposable> lent) : IDisposable
{
    internal MessageWriter Writer { get; } = new() { KeepsReferences = true };

    /// <summary>True when the connection is to be closed once this is sent.</summary>
    internal bool EndsConnection { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Writer.Dispose();
        foreach (IDisposable buffer in lent) buffer.Dispose();
    }
}

/// <summary>A request that is served only to who has logged in.</summary>
internal sealed class NotLoggedInException(ApiKey api) : Exception($"{api} before the login.")
{
    internal ApiKey Api => api;
}

/// <summary>A request that nobody here serves.</summary>
internal sealed class UnservedRequestException(string message) : Exception(message);
