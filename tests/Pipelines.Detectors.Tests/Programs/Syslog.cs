namespace Pipelines.Detectors.Tests.Programs;

[Topic("syslog")] public readonly partial record struct Syslog([Key] string Host, string Message, [EventTime] DateTimeOffset At);
public readonly partial record struct Failed([Key] string Address, int Times);
[Topic("alerts")] public readonly partial record struct Alert([Key] string Address, DateTimeOffset Window, long Count);
[Topic("late-failures")] public readonly partial record struct LateFailure([Key] string Address, string Host, DateTimeOffset At, Guid Id);
[Topic("totals")] public readonly partial record struct Total([Key] string Address, long Count, DateTimeOffset From, DateTimeOffset Now);
[Topic("invalid-users")] public readonly partial record struct InvalidUser([Key] string Host, string Name);

/// <summary>Lines that match 'Invalid user'.</summary>
[Detector("invalid-users")]
public static partial class InvalidUsers
{
    public static void On(in Syslog line, Emit<InvalidUser> users)
    {
        if (line.Message.StartsWith("Invalid user ", StringComparison.Ordinal)) users.Send(new(line.Host, line.Message[13..]));
    }
}

/// <summary>Brute force per source address: re-keyed, windowed, late records and closed windows taken.</summary>
[Detector("brute-force")]
public static partial class BruteForce
{
    public static void Read(in Syslog line, Emit<Failed> failed)
    {
        if (line.Message.StartsWith("Failed password from ", StringComparison.Ordinal)) failed.Send(new(line.Message[21..], 1));
        if (line.Message == "damaged") throw new FormatException("The line is damaged.");
    }

    [Tumbling("60s", Grace = "10s")]
    public static void Count(in Failed failure, ref long count, in Window window, Emit<Alert> alerts)
    {
        long before = count;
        count += failure.Times;
        if (before <= 3 && count > 3) alerts.Send(new(failure.Address, window.Start, count));
    }

    [OnLate]
    public static void Late(in Failed failure, in RecordInfo info, DetectorClock clock, Emit<LateFailure> late) =>
        late.Send(new(failure.Address, info.Topic, info.EventTime, clock.NewGuid()));

    [OnClose]
    public static void Closed(string address, in Window window, in long count, DetectorClock clock, Emit<Total> totals) =>
        totals.Send(new(address, count, window.Start, clock.Now));
}
