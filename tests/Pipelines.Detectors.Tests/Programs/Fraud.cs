namespace Pipelines.Detectors.Tests.Programs;

[Topic("authorization_attempts")]
public readonly partial record struct Attempt([Key] string CardNumber, decimal Amount, [EventTime] DateTimeOffset At);
[Topic("possible_fraud")]
public readonly partial record struct Fraud([Key] string CardNumber, long Attempts, DateTimeOffset From);

/// <summary>More than three attempts on a card within five seconds.</summary>
[Detector("possible-fraud")]
public static partial class PossibleFraud
{
    [Tumbling("5s", Grace = "1s")]
    public static void On(in Attempt attempt, ref long attempts, in Window window, Emit<Fraud> fraud)
    {
        if (++attempts == 4) fraud.Send(new(attempt.CardNumber, attempts, window.Start));
    }
}
