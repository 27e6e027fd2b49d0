using Pipelines;

namespace Pipelines.Soak;

/// <summary>A numbered record; its event time is its number, in milliseconds.</summary>
[Topic("soak-in")]
public readonly partial record struct Numbered([Key] long Key, long Number, bool IsPoison) : ITimedRecord<Numbered>
{
    /// <summary>The event time of number 0.</summary>
    public const long Epoch = 1_700_000_000_000;

    private const int PoisonEvery = 101;

    /// <summary>The record of a number.</summary>
    public static Numbered Of(long number) => new(number % Child.Keys, number, number % PoisonEvery == 0);

    public static long ReadEventTime(in Numbered record, long timestampMs) => Epoch + record.Number;
}

/// <summary>What the detector knew of a key after a record.</summary>
[Topic("soak-out")]
public readonly partial record struct Seen([Key] long Key, long Number, long Count, long Sum);

/// <summary>A record as it came.</summary>
[Topic("soak-copied")]
public readonly partial record struct Copied([Key] long Key, long Number);

/// <summary>The price of a key; odd keys have none.</summary>
[Table("soak-prices")]
public readonly partial record struct Price([Key] long Key, long Amount)
{
    /// <summary>The price that a key has, if it has one.</summary>
    public static long? Of(long key) => key % 2 == 0 ? key * 3 : null;
}

/// <summary>A record with the price of its key.</summary>
[Topic("soak-priced")]
public readonly partial record struct Priced([Key] long Key, long Number, long Amount);

/// <summary>How many records of a key a window had.</summary>
[Topic("soak-windows")]
public readonly partial record struct Closed([Key] long Key, long WindowStartMs, long Count);

/// <summary>The detector's state of a key.</summary>
public partial struct Tally
{
    public long Count;
    public long Sum;
}

/// <summary>State with a changelog: counts and sums the numbers of each key.</summary>
[Detector("soak")]
public static partial class SoakDetector
{
    internal const string Poison = "Poison.";

    public static void On(in Numbered record, ref Tally tally, Emit<Seen> seen)
    {
        tally.Count++;
        tally.Sum += record.Number;
        seen.Send(new(record.Key, record.Number, tally.Count, tally.Sum));
        // Thrown when state and output have been touched, so that both have to be undone.
        if (record.IsPoison) throw new InvalidOperationException(Poison);
    }
}

/// <summary>No state.</summary>
[Detector("soak-copy")]
public static partial class SoakCopy
{
    public static void On(in Numbered record, Emit<Copied> copied) => copied.Send(new(record.Key, record.Number));
}

/// <summary>A join with a table.</summary>
[Detector("soak-join")]
public static partial class SoakJoin
{
    public static void On(in Numbered record, in Price price, Emit<Priced> priced) => priced.Send(new(record.Key, record.Number, price.Amount));
}

/// <summary>Windows that tell when they close.</summary>
[Detector("soak-windows")]
public static partial class SoakWindows
{
    /// <summary>The windows' size.</summary>
    public const long SizeMs = 5_000;

    [Tumbling("5s")]
    public static void On(in Numbered record, ref long count) => count++;

    [OnClose]
    public static void Close(long key, in Window window, in long count, Emit<Closed> closed) => closed.Send(new(key, window.StartMs, count));
}
