using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>Reads a partition of a compacted topic from its start to its end, again and again.</summary>
internal static class KeyedReader
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    internal static async Task RunAsync(Stage stage, TopicPartition partition, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            KeyedLedger.Scan scan = stage.Keys.BeginScan(partition, isDecided: false);
            stage.Keys.Judge(partition, scan, await new PartitionReader(stage, partition).ScanAsync());
            await Task.Delay(Pause, stage.Ending);
        }
    }
}
