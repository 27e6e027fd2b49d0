namespace Pipelines.Detectors.Tests.Programs;

[Topic("numbers")] public readonly partial record struct Number([Key] long Id, int Value);
public readonly partial record struct Odd([Key] int Group, int Value);
[Table("sum-of-odds")] public readonly partial record struct OddSum([Key] int Group, long Value);

/// <summary>Filter, new key, reduce.</summary>
[Detector("sum-of-odds")]
public static partial class SumOfOdds
{
    public static void Filter(in Number number, Emit<Odd> odds)
    {
        if (number.Value % 2 != 0) odds.Send(new(1, number.Value));
    }

    public static void Add(in Odd odd, ref long sum, Emit<OddSum> sums) => sums.Send(new(odd.Group, sum += odd.Value));
}
