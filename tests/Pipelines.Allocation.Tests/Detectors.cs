namespace Pipelines.Allocation.Tests;

[Topic("trades")]
public readonly partial record struct Trade([Key] long Account, int Price, Text Note, [EventTime] long AtMs);

public readonly partial record struct Big([Key] long Account, long Amount);

[Topic("totals")]
public readonly partial record struct Total([Key] long Account, long Count, long Amount);

[Topic("minutes")]
public readonly partial record struct Minute([Key] long Account, long Trades);

[Detector("big-trades")]
public static partial class BigTrades
{
    public static void Filter(in Trade trade, Emit<Big> big)
    {
        if (trade.Price >= 50) big.Send(new(trade.Account, trade.Price + trade.Note.Length));
    }

    public static void Count(in Big trade, ref long count, Emit<Total> totals) => totals.Send(new(trade.Account, ++count, trade.Amount));
}

[Detector("per-second")]
public static partial class PerSecondTrades
{
    [Tumbling("1s")]
    public static void PerSecond(in Trade trade, ref long trades) => trades++;

    [OnClose]
    public static void Closed(long account, in Window window, in long trades, Emit<Minute> minutes) => minutes.Send(new(account, trades));
}
