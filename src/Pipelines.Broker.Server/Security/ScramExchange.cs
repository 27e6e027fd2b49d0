using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Security;

/// <summary>Two messages: the client proves that it knows the password without telling it, and so does the broker.</summary>
internal sealed class ScramExchange(UserTable users, ScramHash scram) : ISaslExchange
{
    private readonly ScramServer server = new(scram, user => users.FindOrInvent(user, scram));
    private bool isBegun;

    public string User => server.User;

    public SaslStep Take(string message)
    {
        try
        {
            if (!isBegun)
            {
                isBegun = true;
                return new SaslStep(SaslOutcome.GoesOn, server.FirstMessage(message));
            }

            return server.TryFinish(message, out string answer) ? new SaslStep(SaslOutcome.Done, answer) : SaslStep.Failed("user or password are wrong");
        }
        catch (ScramException wrong)
        {
            return SaslStep.Failed(wrong.Message);
        }
    }
}
