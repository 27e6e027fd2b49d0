using System.Globalization;

namespace Pipelines.KafkaLoad.Contestants;

/// <summary>What a process says to <see cref="Worker"/>, a line each: a word and a number.</summary>
internal static class Said
{
    /// <summary>What it has allocated since its start.</summary>
    internal static void Allocated() => Say("allocated", GC.GetTotalAllocatedBytes());

    /// <summary>How long its start took.</summary>
    internal static void Started(TimeSpan took) => Say("started", took.TotalMilliseconds);

    private static void Say(string word, double number) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{word} {number}"));
}
