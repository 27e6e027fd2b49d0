namespace Pipelines.Detectors.Tests.Programs;

[Topic("readings")] public readonly partial record struct Reading([Key] string Sensor, long Value, [EventTime] DateTimeOffset At);
public readonly partial record struct Change([Key] string Sensor, long By, [EventTime] DateTimeOffset Since);
public readonly partial record struct Jump(long By);
public readonly partial record struct PerMinute([Key] string Sensor, long Sum);
[Topic("jumps")] public readonly partial record struct JumpSeen([Key] string Sensor, long Count, DateTimeOffset At);
[Topic("steps")] public readonly partial record struct StepSeen([Key] string Sensor, string Step);
[Topic("hours")] public readonly partial record struct HourTotal([Key] string Sensor, long Sum, DateTimeOffset Hour);

public partial struct Last
{
    public bool IsKnown;
    public long Value;
    public DateTimeOffset At;
}

/// <summary>Wires that keep the key stay in the task, one after the other; one has a time of its own; windows of windows go over an internal topic.</summary>
[Detector("sensors")]
public static partial class Sensors
{
    public static void On(in Reading reading, ref Last last, Emit<Change> changes, Emit<StepSeen> steps)
    {
        steps.Send(new(reading.Sensor, "reading"));
        string sensor = reading.Value == 13 ? "another" : reading.Sensor;
        if (last.IsKnown) changes.Send(new(sensor, reading.Value - last.Value, last.At));
        last = new Last { IsKnown = true, Value = reading.Value, At = reading.At };
    }

    public static void On(in Change change, ref long total, in RecordInfo info, Emit<Jump> jumps, Emit<StepSeen> steps)
    {
        total += change.By;
        steps.Send(new(change.Sensor, $"change {change.By} {info.EventTime:HH:mm:ss}"));
        if (Math.Abs(change.By) > 10) jumps.Send(new(change.By));
    }

    public static void On(in Jump jump, ref long count, in RecordInfo info, Emit<JumpSeen> seen, Emit<StepSeen> steps)
    {
        count++;
        steps.Send(new("", $"jump {jump.By}"));
        seen.Send(new(info.Offset.ToString(System.Globalization.CultureInfo.InvariantCulture), count, info.EventTime));
    }
}

[Detector("hours")]
public static partial class Hours
{
    [Tumbling("1m")]
    public static void PerMinute(in Reading reading, ref long minute) => minute += reading.Value;

    [OnClose]
    public static void Minute(string sensor, in long minute, Emit<PerMinute> minutes) => minutes.Send(new(sensor, minute));

    [Tumbling("1h")]
    public static void PerHour(in PerMinute minute, ref long hour) => hour += minute.Sum;

    [OnClose]
    public static void Hour(string sensor, in Window window, in long hour, Emit<HourTotal> totals) => totals.Send(new(sensor, hour, window.Start));
}
