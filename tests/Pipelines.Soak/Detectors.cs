using Pipelines;

namespace Pipelines.Soak;

/// <summary>A numbered record.</summary>
[Topic("soak-in")]
public readonly partial record struct Numbered([Key] long Key, long Number, bool IsPoison);

/// <summary>What the detector knew of a key after a record.</summary>
[Topic("soak-out")]
public readonly partial record struct Seen([Key] long Key, long Number, long Count, long Sum);

/// <summary>The detector's state of a key.</summary>
public partial struct Tally
{
    public long Count;
    public long Sum;
}

/// <summary>Counts and sums the numbers of each key.</summary>
[Detector("soak")]
public static partial class SoakDetector
{
    public static void On(in Numbered record, ref Tally tally, Emit<Seen> seen)
    {
        tally.Count++;
        tally.Sum += record.Number;
        seen.Send(new(record.Key, record.Number, tally.Count, tally.Sum));
        // Thrown when state and output have been touched, so that both have to be undone.
        if (record.IsPoison) throw new InvalidOperationException("Poison.");
    }
}
