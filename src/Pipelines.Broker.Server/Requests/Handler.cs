using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Broker.Server.Requests;

/// <summary>Serves one API.</summary>
internal abstract class Handler
{
    /// <summary>The API.</summary>
    internal abstract ApiKey Key { get; }

    /// <summary>True when the next request of the connection may be begun before this one is answered; it is begun in its turn all the same.</summary>
    internal virtual bool IsPipelined => false;

    /// <summary>An empty request.</summary>
    internal abstract IMessage NewRequest();

    /// <summary>Serves a request.</summary>
    /// <returns>The answer; null when the client wants none.</returns>
    internal abstract ValueTask<IMessage?> InvokeAsync(IMessage request, RequestContext context);
}

/// <summary>Serves one API.</summary>
internal abstract class Handler<TRequest, TResponse> : Handler
    where TRequest : class, IRequest<TResponse>, new()
    where TResponse : class, IResponse, new()
{
    internal sealed override ApiKey Key => TRequest.ApiKey;

    internal sealed override IMessage NewRequest() => new TRequest();

    internal sealed override async ValueTask<IMessage?> InvokeAsync(IMessage request, RequestContext context) => await HandleAsync((TRequest)request, context);

    /// <summary>Serves a request. What it takes from the engine it asks for before its first wait, so that requests keep their order.</summary>
    protected abstract ValueTask<TResponse?> HandleAsync(TRequest request, RequestContext context);
}
