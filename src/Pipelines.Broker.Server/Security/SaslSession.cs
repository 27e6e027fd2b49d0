using System.Text;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Security;

/// <summary>Where a connection is on its way to being somebody.</summary>
/// <remarks>
/// Waiting => Exchanging: after SaslHandshake; Exchanging => Done: the credentials are right; Waiting or Exchanging => Failed: the connection is closed.
/// There is no way back: whoever wants to be somebody else opens another connection. Source: KIP-43, KIP-152.
/// </remarks>
internal sealed class SaslSession(SaslOptions options, UserTable users)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ISaslExchange? exchange;
    private volatile State state;

    private enum State
    {
        Waiting,
        Exchanging,
        Done,
        Failed,
    }

    /// <summary>True when the client is known.</summary>
    internal bool IsDone => state == State.Done;

    /// <summary>True when the next frame is a message of the exchange without a header: the handshake was of version 0.</summary>
    internal bool TakesBareMessages { get; private set; }

    /// <summary>The mechanism that the client has chosen.</summary>
    internal string Mechanism { get; private set; } = "";

    /// <summary>Who the client says it is.</summary>
    internal string User => exchange?.User ?? "";

    /// <summary>The names of the mechanisms.</summary>
    internal IEnumerable<string> Mechanisms => options.Mechanisms.Select(static mechanism => new SaslCredentials(mechanism, "", "").MechanismName);

    /// <summary>Whether a request may be served now.</summary>
    internal bool Admits(ApiKey key) => IsDone || key is ApiKey.ApiVersions or ApiKey.SaslHandshake or ApiKey.SaslAuthenticate;

    /// <summary>The client chooses a mechanism.</summary>
    internal ErrorCode Begin(string mechanism, bool withBareMessages)
    {
        if (state != State.Waiting) return ErrorCode.IllegalSaslState;
        if (!Mechanisms.Contains(mechanism, StringComparer.Ordinal))
        {
            state = State.Failed;
            return ErrorCode.UnsupportedSaslMechanism;
        }

        Mechanism = mechanism;
        exchange = ScramHash.Find(mechanism) is { } scram ? new ScramExchange(users, scram) : new PlainExchange(users);
        TakesBareMessages = withBareMessages;
        state = State.Exchanging;
        return ErrorCode.None;
    }

    /// <summary>The client's next message.</summary>
    internal SaslStep Take(ReadOnlyMemory<byte> message)
    {
        if (state != State.Exchanging) return new SaslStep(SaslOutcome.OutOfTurn);
        SaslStep step;
        try
        {
            step = exchange!.Take(Strict.GetString(message.Span));
        }
        catch (DecoderFallbackException)
        {
            step = SaslStep.Failed("its message is not UTF-8");
        }

        if (step.Outcome == SaslOutcome.GoesOn) return step;
        TakesBareMessages = false;
        state = step.Outcome == SaslOutcome.Done ? State.Done : State.Failed;
        return step;
    }
}
