using System.Diagnostics;
using Pipelines.Loads.Brokers;

namespace Pipelines.BrokerLoad.Loads;

/// <summary>What a load came to.</summary>
/// <param name="Records">Records.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="CpuSeconds">The broker's CPU time.</param>
/// <param name="P50Ms">The median latency of a request.</param>
/// <param name="P99Ms">What 99 of 100 requests stay below.</param>
internal sealed record Measured(long Records, double Seconds, double CpuSeconds, double P50Ms, double P99Ms)
{
    internal double MillionsPerSecond => Records / Seconds / 1e6;

    internal double CpuPerMillion => CpuSeconds / (Records / 1e6);

    internal static async Task<Measured> OfAsync(BrokerProcess broker, IReadOnlyList<List<double>> latencies, Func<Task> load)
    {
        double cpu = broker.CpuSeconds;
        long began = Stopwatch.GetTimestamp();
        await load();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double[] all = [.. latencies.SelectMany(static some => some).Order()];
        return new Measured(0, seconds, broker.CpuSeconds - cpu, At(all, 0.5), At(all, 0.99));
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)((sorted.Length - 1) * share)];
}
