using Pipelines.Broker.Server.Connections;
using Pipelines.Broker.Server.Requests;

namespace Pipelines.Broker.Server.Security;

/// <summary>Takes the messages of a login and does what follows from them.</summary>
internal static class Login
{
    /// <summary>What is added to a connection's principal before its name.</summary>
    internal const string PrincipalType = "User:";

    internal static async ValueTask<SaslStep> TakeAsync(SaslSession session, ReadOnlyMemory<byte> message, Connection connection, BrokerServices broker)
    {
        SaslStep step = session.Take(message);
        if (step.Outcome == SaslOutcome.Done)
        {
            connection.Principal = PrincipalType + session.User;
            broker.Audit.LoggedIn(connection, session.Mechanism);
        }
        else if (step.Outcome == SaslOutcome.Failed)
        {
            broker.Audit.LoginFailed(connection, session.User, session.Mechanism, step.Reason);
            // Slows down whoever tries passwords.
            await Task.Delay(broker.Options.Sasl!.FailureDelay, broker.Clock);
        }

        return step;
    }
}
