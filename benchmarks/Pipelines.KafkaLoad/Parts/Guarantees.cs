using Pipelines.KafkaLoad.Contestants;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>What transactions cost: the same jobs with them and without, each on a broker of its own.</summary>
internal static class Guarantees
{
    internal static async Task RunAsync(Report report, IReadOnlyList<Contestant> contestants, BrokerKind kind, Settings settings)
    {
        foreach (Job job in (Job[])[Job.Copy, Job.Count])
        {
            foreach (Contestant contestant in contestants) await Steady.RunAsync(report, job, [contestant], kind, settings);
        }
    }
}
