using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>What is handled in a topic through which a deployment passes records to itself is deleted, and nothing else is.</summary>
public sealed class PurgeTests
{
    [Theory(Timeout = 240_000), MemberData(nameof(WorkerGroupTests.Clusters), MemberType = typeof(WorkerGroupTests))]
    public async Task Handled_records_of_the_topic_between_go_and_the_inputs_stay(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind, "values");
        await using (WorkerProcess first = await scene.RunAsync())
        {
            await scene.SendAsync(1_000);
            await scene.CountedAsync();
            await UntilPurgedAsync(scene, writers: 1);
        }

        // Whoever comes next begins where the records are.
        await using WorkerProcess second = await scene.RunAsync();
        await using WorkerProcess third = await scene.RunAsync();
        await scene.SendAsync(500);
        await scene.CheckAsync();
        await UntilPurgedAsync(scene, writers: 2);
        for (int partition = 0; partition < Scene.Partitions; partition++)
        {
            Assert.Equal(0, (await scene.Broker.GetRangeAsync(scene.Input, partition)).Start);
            Assert.Equal(0, (await scene.Broker.GetRangeAsync(scene.Topic("counted"), partition)).Start);
        }
    }

    /// <summary>Nothing is left but the ends of transactions: of each writer one at most lies behind the last record.</summary>
    private static async Task UntilPurgedAsync(Scene scene, int writers)
    {
        for (int partition = 0; partition < Scene.Partitions; partition++)
        {
            PartitionRange range = default;
            for (int tries = 0; tries < 600; tries++)
            {
                range = await scene.Broker.GetRangeAsync(scene.Passage, partition);
                if (range.Start > 0 && range.End - range.Start <= writers) break;
                await Task.Delay(100);
            }

            Assert.True(range.Start > 0 && range.End - range.Start <= writers, $"Partition {partition} has offsets {range.Start} to {range.End}.");
        }
    }
}
