using System.Text;
using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Server.Security;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Carries the messages of a login. Sessions do not end by themselves, so their lifetime is 0.</summary>
/// <remarks>Source: KIP-152, KIP-368.</remarks>
internal sealed class SaslAuthenticateHandler : Handler<SaslAuthenticateRequest, SaslAuthenticateResponse>
{
    protected override async ValueTask<SaslAuthenticateResponse?> HandleAsync(SaslAuthenticateRequest request, RequestContext context)
    {
        if (context.Connection.Sasl is not { } session) return Refused(ErrorCode.IllegalSaslState, "This broker wants no login.");
        SaslStep step = await Login.TakeAsync(session, request.AuthBytes, context.Connection, context.Broker);
        switch (step.Outcome)
        {
            case SaslOutcome.GoesOn or SaslOutcome.Done:
                return new SaslAuthenticateResponse { AuthBytes = Encoding.UTF8.GetBytes(step.Answer) };
            case SaslOutcome.Failed:
                context.EndsConnection = true;
                return Refused(ErrorCode.SaslAuthenticationFailed, $"The login with {session.Mechanism} has failed: the user is not known, or the password is wrong.");
            default:
                context.EndsConnection = !session.IsDone;
                return Refused(ErrorCode.IllegalSaslState, session.IsDone ? "The client has logged in already." : "A login begins with SaslHandshake.");
        }
    }

    private static SaslAuthenticateResponse Refused(ErrorCode error, string message) => new() { ErrorCode = (short)error, ErrorMessage = message };
}
