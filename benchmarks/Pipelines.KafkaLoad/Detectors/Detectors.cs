namespace Pipelines.KafkaLoad.Detectors;

/// <summary>The stateless copy.</summary>
[Detector("copy")]
public static partial class Copier
{
    public static void On(in Event one, Emit<Copy> copies) => copies.Send(new(one.Account, one.Amount, one.Note));
}

/// <summary>The keyed count; every change goes out.</summary>
[Detector("count")]
public static partial class Counter
{
    public static void On(in Event one, ref long count, Emit<Total> totals) => totals.Send(new(one.Account, ++count));
}

/// <summary>The windowed count; every change goes out.</summary>
[Detector("windowed")]
public static partial class WindowCounter
{
    [Tumbling("1m", Grace = "10s")]
    public static void On(in Event one, ref long count, in Window window, Emit<WindowTotal> totals) => totals.Send(new(one.Account, window.Start, ++count));
}

/// <summary>The stream-table join, inner.</summary>
[Detector("join")]
public static partial class Joiner
{
    public static void On(in Event one, in Account account, Emit<Joined> joined) => joined.Send(new(one.Account, one.Amount, one.Note, account.Level));
}
