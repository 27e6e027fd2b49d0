using System.Collections.Concurrent;
using System.Text.Json;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Fuzzing;

/// <summary>What became of the frames; shared by all who send some.</summary>
internal sealed class FuzzCounts
{
    private const int ShownViolations = 20;
    private readonly ConcurrentDictionary<string, long> outcomes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ApiKey, long> answered = new();
    private readonly ConcurrentDictionary<string, (long Count, string Example)> violations = new(StringComparer.Ordinal);
    private double mostAllocatedPerByte;

    internal bool IsClean => violations.IsEmpty;

    internal void Add(string outcome, long count = 1) => outcomes.AddOrUpdate(outcome, count, (_, before) => before + count);

    internal void AddAnswer(ApiKey key) => answered.AddOrUpdate(key, 1, static (_, before) => before + 1);

    /// <summary>Something that must not be.</summary>
    /// <param name="what">What, without what differs from frame to frame.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="problem">The exception, if there was one.</param>
    internal void Violate(string what, ReadOnlyMemory<byte> frame, Exception? problem = null)
    {
        if (problem is not null) what += $": {problem.GetType().Name} {Place(problem)}";
        string example = Convert.ToHexString(frame.Span[..Math.Min(frame.Length, 400)]) + (problem is null ? "" : $" {problem.Message}");
        violations.AddOrUpdate(what, (1, example), static (_, before) => (before.Count + 1, before.Example));
    }

    internal void SawAllocation(long allocated, int frameBytes)
    {
        // Short frames say nothing: the objects of an empty request cost more than its bytes.
        if (frameBytes < 1000) return;
        double ratio = (double)allocated / frameBytes;
        if (ratio > Volatile.Read(ref mostAllocatedPerByte)) Volatile.Write(ref mostAllocatedPerByte, ratio);
    }

    internal string ToJson(long frames, int seed, double seconds) => JsonSerializer.Serialize(new
    {
        seed,
        frames,
        seconds = Math.Round(seconds, 1),
        outcomes = outcomes.OrderBy(static one => one.Key, StringComparer.Ordinal).ToDictionary(),
        answered = answered.OrderBy(static one => one.Key).ToDictionary(static one => one.Key.ToString(), static one => one.Value),
        neverAnswered = RequestMaker.Keys.Where(key => !answered.ContainsKey(key)).Select(static key => key.ToString()),
        mostAllocatedPerByte = Math.Round(mostAllocatedPerByte, 1),
        violations = violations.Values.Sum(static one => one.Count),
        found = violations.OrderByDescending(static one => one.Value.Count).Take(ShownViolations).Select(static one => new { what = one.Key, count = one.Value.Count, example = one.Value.Example }),
    });

    private static string Place(Exception problem) =>
        problem.StackTrace?.Split('\n').Select(static line => line.Trim()).FirstOrDefault(static line => line.Contains("Pipelines.", StringComparison.Ordinal)) ?? "";
}
