using System.Diagnostics;
using Pipelines.KafkaLoad.Checks;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Loads;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>Kills a counting process that has much state, starts it again, and waits for its first new output.</summary>
internal static class Restart
{
    internal const int Accounts = 1_000_000;
    internal const int Later = 1_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    internal static async Task RunAsync(Report report, IReadOnlyList<Contestant> contestants, BrokerKind kind, Settings settings)
    {
        foreach (Contestant contestant in contestants)
        {
            await using Bench bench = await Bench.StartAsync(kind, settings.Port);
            var events = new Events();
            await events.FillOncePerAccountAsync(bench.Broker, Bench.Partitions, Accounts);
            string output = contestant.Output(Job.Count);
            await bench.Broker.CreateTopicAsync(output, Bench.Partitions);
            var assignment = new Assignment(Job.Count, bench.Broker, bench.FolderOf(contestant.Application), settings.Commit);
            await using GroupProgress progress = await GroupProgress.OpenAsync(bench.Broker, contestant.Application, Bench.Partitions);
            await using (Worker killed = contestant.Start(assignment))
            {
                await Steady.WaitAsync(killed, progress, Accounts);
                killed.Kill();
            }

            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using OutputTail tail = await OutputTail.OpenAsync(bench.Broker, output, Bench.Partitions, (_, _) => first.TrySetResult());
            await events.FillOncePerAccountAsync(bench.Broker, Bench.Partitions, Later);
            long began = Stopwatch.GetTimestamp();
            await using Worker worker = contestant.Start(assignment);
            await first.Task.WaitAsync(Patience);
            report.Add("kill -9, first new output", "s after the start", contestant.Name, Stopwatch.GetElapsedTime(began).TotalSeconds);
            await Steady.WaitAsync(worker, progress, Accounts + Later);
            await Outputs.CheckAsync(bench.Broker, contestant, Job.Count, Bench.Partitions, Accounts + Later);
        }
    }
}
