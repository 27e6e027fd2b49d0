using System.Collections.Concurrent;

namespace Pipelines.Conformance;

/// <summary>
/// Checks that could not be run because something is not installed. They are reported as skipped with the reason, and once more in total, in the file
/// <c>waiting.txt</c> beside the assembly, which eng/test.sh prints: a check that was not run must never look like one that passed.
/// </summary>
internal static class Waiting
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Checks = new();

    private static string File => Path.Combine(AppContext.BaseDirectory, "waiting.txt");

    /// <summary>Ends the running check as waiting when something is missing.</summary>
    public static void For(string? missing)
    {
        if (missing is null) return;
        Checks.GetOrAdd(missing, static _ => new ConcurrentQueue<string>()).Enqueue(TestContext.Current.Test?.TestDisplayName ?? "?");
        Assert.Skip($"waiting for {missing}");
    }

    public static void Report() =>
        System.IO.File.WriteAllLines(File, Checks.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c =>
            c.Value.Order(StringComparer.Ordinal).Select(name => $"  {name}").Prepend($"{c.Value.Count} waiting for {c.Key}")));
}
