namespace Pipelines.Broker.Server.Security;

/// <summary>The messages of one login.</summary>
internal interface ISaslExchange
{
    /// <summary>Who the client says it is; empty as long as it has not said.</summary>
    string User { get; }

    /// <summary>Takes the client's next message.</summary>
    SaslStep Take(string message);
}

/// <summary>What came of a message.</summary>
/// <param name="Outcome">Whether the login goes on.</param>
/// <param name="Answer">What the client is answered.</param>
/// <param name="Reason">Why it has failed: for the log, not for the client.</param>
internal readonly record struct SaslStep(SaslOutcome Outcome, string Answer = "", string Reason = "")
{
    internal static SaslStep Failed(string reason) => new(SaslOutcome.Failed, "", reason);
}

/// <summary>Whether a login goes on.</summary>
internal enum SaslOutcome
{
    /// <summary>Another message of the client has to come.</summary>
    GoesOn,

    /// <summary>The client is who it says it is.</summary>
    Done,

    /// <summary>It is not.</summary>
    Failed,

    /// <summary>No message was expected.</summary>
    OutOfTurn,
}
