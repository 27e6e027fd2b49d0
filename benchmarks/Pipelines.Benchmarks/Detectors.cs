using Pipelines;

namespace Pipelines.Benchmarks;

/// <summary>The input: no text, about 20 bytes.</summary>
[Topic("trades")]
public readonly partial record struct Trade([Key] long Account, int Price, int Quantity, [EventTime] long AtMs);

/// <summary>The output.</summary>
[Topic("totals")]
public readonly partial record struct Total([Key] long Account, long Count, long Amount);

/// <summary>A trade that passed the filter: a wire, so it stays in the task.</summary>
public readonly partial record struct BigTrade([Key] long Account, long Amount);

/// <summary>Decode, filter, map, keyed count, encode.</summary>
[Detector("big-trades")]
public static partial class BigTrades
{
    /// <summary>The least price that counts.</summary>
    public const int LeastPrice = 50;

    /// <summary>Filter and map.</summary>
    public static void Filter(in Trade trade, Emit<BigTrade> big)
    {
        if (trade.Price >= LeastPrice) big.Send(new(trade.Account, (long)trade.Price * trade.Quantity));
    }

    /// <summary>Counts an account's big trades.</summary>
    public static void Count(in BigTrade trade, ref long count, Emit<Total> totals) => totals.Send(new(trade.Account, ++count, trade.Amount));
}
