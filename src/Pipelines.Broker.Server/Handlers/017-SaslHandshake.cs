using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Chooses how a client logs in. After version 0 its messages come without headers, after version 1 in SaslAuthenticate.</summary>
/// <remarks>Source: KIP-43, KIP-152.</remarks>
internal sealed class SaslHandshakeHandler : Handler<SaslHandshakeRequest, SaslHandshakeResponse>
{
    private const short FirstVersionOfAuthenticate = 1;

    protected override ValueTask<SaslHandshakeResponse?> HandleAsync(SaslHandshakeRequest request, RequestContext context)
    {
        if (context.Connection.Sasl is not { } session) return new(new SaslHandshakeResponse { ErrorCode = (short)ErrorCode.IllegalSaslState });
        ErrorCode error = session.Begin(request.Mechanism, withBareMessages: context.Version < FirstVersionOfAuthenticate);
        if (error == ErrorCode.UnsupportedSaslMechanism) context.Broker.Audit.LoginFailed(context.Connection, "", request.Mechanism, "the mechanism is not one of the broker's");
        context.EndsConnection = error != ErrorCode.None && !session.IsDone;
        return new(new SaslHandshakeResponse { ErrorCode = (short)error, Mechanisms = [.. session.Mechanisms] });
    }
}
