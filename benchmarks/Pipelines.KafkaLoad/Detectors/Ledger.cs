namespace Pipelines.KafkaLoad.Detectors;

/// <summary>A state of about 150 bytes as it is logged.</summary>
public partial struct Ledger
{
    /// <summary>The events of the account.</summary>
    public long Count;

    /// <summary>The first amount.</summary>
    public long First;

    /// <summary>The last amount.</summary>
    public long Last;

    /// <summary>The least amount.</summary>
    public long Least;

    /// <summary>The greatest amount.</summary>
    public long Greatest;

    /// <summary>The sum of the amounts.</summary>
    public long Sum;

    /// <summary>The sum of every second amount.</summary>
    public long OddSum;

    /// <summary>The sum of the others.</summary>
    public long EvenSum;

    /// <summary>The amounts one behind the other, mixed.</summary>
    public long Hash;
}

/// <summary>Keeps a ledger for each account: much state for each record.</summary>
[Detector("ledger")]
public static partial class Ledgers
{
    public static void On(in Event one, ref Ledger ledger, Emit<LedgerTotal> totals)
    {
        if (ledger.Count == 0) ledger.First = ledger.Least = ledger.Greatest = one.Amount;
        ledger.Count++;
        ledger.Last = one.Amount;
        ledger.Least = Math.Min(ledger.Least, one.Amount);
        ledger.Greatest = Math.Max(ledger.Greatest, one.Amount);
        ledger.Sum += one.Amount;
        if (ledger.Count % 2 == 0) ledger.EvenSum += one.Amount;
        else ledger.OddSum += one.Amount;
        ledger.Hash = unchecked((ledger.Hash * 31) + one.Amount);
        totals.Send(new(one.Account, ledger.Count));
    }
}
