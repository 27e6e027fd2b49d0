namespace Pipelines.Broker.Server.Security;

/// <summary>One message: whom to act for, user and password, with a zero byte between.</summary>
/// <remarks>Source: RFC 4616.</remarks>
internal sealed class PlainExchange(UserTable users) : ISaslExchange
{
    public string User { get; private set; } = "";

    public SaslStep Take(string message)
    {
        string[] parts = message.Split('\0');
        if (parts is not [var actsFor, { Length: > 0 } user, { Length: > 0 } password]) return SaslStep.Failed("its message does not have a name and a password");
        User = user;
        if (actsFor.Length > 0 && actsFor != user) return SaslStep.Failed("it wants to act for somebody else");
        return users.IsPassword(user, password) ? new SaslStep(SaslOutcome.Done) : SaslStep.Failed("user or password are wrong");
    }
}
