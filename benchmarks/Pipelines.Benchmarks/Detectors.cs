using Pipelines;

namespace Pipelines.Benchmarks;

/// <summary>The input: no text, about 20 bytes.</summary>
[Topic("trades")]
public readonly partial record struct Trade([Key] long Account, int Price, int Quantity, [EventTime] long AtMs);

/// <summary>The output.</summary>
[Topic("totals")]
public readonly partial record struct Total([Key] long Account, long Count, long Amount);

/// <summary>Decode, filter, map, keyed count, encode.</summary>
[Detector("big-trades")]
public static partial class BigTrades
{
    /// <summary>The least price that counts.</summary>
    public const int LeastPrice = 50;

    /// <summary>Counts an account's big trades.</summary>
    public static void On(in Trade trade, ref long count, Emit<Total> totals)
    {
        if (trade.Price < LeastPrice) return;
        totals.Send(new(trade.Account, ++count, (long)trade.Price * trade.Quantity));
    }
}
