namespace Pipelines.Simulation.Workload;

/// <summary>What the workload sends: numbered, so that a lost or repeated one is seen.</summary>
[Topic("items")]
public readonly partial record struct Item([Key] string Key, long Number, int Amount, bool IsPoison, [EventTime] long AtMs);

/// <summary>What the counter says after each record of a key.</summary>
[Topic("totals")]
public readonly partial record struct Total([Key] string Key, long Number, long Count, long Sum);

/// <summary>A window of a key that has closed.</summary>
[Topic("closed")]
public readonly partial record struct Closed([Key] string Key, long StartMs, long Count, long Sum);

/// <summary>A record that came too late for its window.</summary>
[Topic("late")]
public readonly partial record struct Late([Key] string Key, long Number);

/// <summary>Amounts by group: another key than the items', so that they are repartitioned.</summary>
public readonly partial record struct Grouped([Key] int Group, long Number, int Amount);

/// <summary>What a group's sum was after a record.</summary>
[Topic("groups")]
public readonly partial record struct GroupTotal([Key] int Group, long Number, long Count, long Sum);

/// <summary>The counter's state.</summary>
public partial struct Tally
{
    public long Count;
    public long Sum;
}

[Detector("counter")]
public static partial class Counter
{
    public static void On(in Item item, ref Tally tally, Emit<Total> totals)
    {
        tally.Count++;
        tally.Sum += item.Amount;
        totals.Send(new(item.Key, item.Number, tally.Count, tally.Sum));
        // After state and output were touched: both have to be undone.
        if (item.IsPoison) throw new InvalidOperationException("Poison.");
    }
}

[Detector("windows")]
public static partial class Windows
{
    [Tumbling("10s", Grace = "2s")]
    public static void On(in Item item, ref Tally tally)
    {
        tally.Count++;
        tally.Sum += item.Amount;
        if (item.IsPoison) throw new InvalidOperationException("Poison.");
    }

    [OnClose]
    public static void OnClose(string key, in Window window, in Tally tally, Emit<Closed> closed) =>
        closed.Send(new(key, window.StartMs, tally.Count, tally.Sum));

    [OnLate]
    public static void OnLate(in Item item, Emit<Late> late) => late.Send(new(item.Key, item.Number));
}

[Detector("grouping")]
public static partial class Grouping
{
    public static void On(in Item item, Emit<Grouped> grouped)
    {
        grouped.Send(new(item.Amount % 3, item.Number, item.Amount));
        if (item.IsPoison) throw new InvalidOperationException("Poison.");
    }

    public static void Add(in Grouped grouped, ref Tally tally, Emit<GroupTotal> totals)
    {
        tally.Count++;
        tally.Sum += grouped.Amount;
        totals.Send(new(grouped.Group, grouped.Number, tally.Count, tally.Sum));
    }
}
