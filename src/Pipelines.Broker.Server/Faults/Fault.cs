using Pipelines.Protocol.Wire;

namespace Pipelines.Broker.Server.Faults;

/// <summary>What happens to a request instead of what should.</summary>
public sealed class Fault
{
    private Fault(FaultKind kind) => Kind = kind;

    /// <summary>Nothing: the request is served and answered.</summary>
    public static Fault None { get; } = new(FaultKind.None);

    /// <summary>The connection is cut before the request is served: it was lost on its way.</summary>
    public static Fault Cut { get; } = new(FaultKind.Cut);

    /// <summary>The request is served, and the connection is cut instead of the answer: its sender cannot know whether it was done.</summary>
    public static Fault CutAfterwards { get; } = new(FaultKind.CutAfterwards);

    /// <summary>The request is neither served nor answered, and the connection stays: the broker hangs, as far as this client can see.</summary>
    public static Fault Hang { get; } = new(FaultKind.Hang);

    /// <summary>The request is served twice, one after the other, as if the network had it twice; the second answer is sent.</summary>
    public static Fault Twice { get; } = new(FaultKind.Twice);

    internal FaultKind Kind { get; }

    internal TimeSpan Time { get; private init; }

    internal IMessage? Response { get; private init; }

    /// <summary>The request is served later. What the same client sends after it waits behind it.</summary>
    public static Fault Delay(TimeSpan time) => new(FaultKind.Delay) { Time = time };

    /// <summary>The request is served at once, and answered later.</summary>
    public static Fault DelayAnswer(TimeSpan time) => new(FaultKind.DelayAnswer) { Time = time };

    /// <summary>The request is not served; this is the answer.</summary>
    /// <param name="response">A response of the request's API, such as an <see cref="Protocol.Messages.EndTxnResponse"/> with an error code.</param>
    public static Fault Answer(IMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return new(FaultKind.Answer) { Response = response };
    }
}

internal enum FaultKind
{
    None = 0,
    Delay = 1,
    DelayAnswer = 2,
    Cut = 3,
    CutAfterwards = 4,
    Hang = 5,
    Twice = 6,
    Answer = 7,
}
