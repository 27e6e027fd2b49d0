using Pipelines.Execution;
using Pipelines.Kafka;
using Pipelines.Loads.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.KafkaLoad.Loads;

/// <summary>Reads what comes to a topic from now on, read-committed, one loop for each partition.</summary>
internal sealed class OutputTail : IAsyncDisposable
{
    private const int FetchBytes = 1024 * 1024;
    private static readonly TimeSpan FetchWait = TimeSpan.FromMilliseconds(100);
    private readonly KafkaBroker broker;
    private readonly Task[] loops;
    private volatile bool isStopping;

    private OutputTail(KafkaBroker broker, string topic, long[] offsets, Action<int, RecordBatch> handler)
    {
        this.broker = broker;
        loops = [.. offsets.Select((offset, partition) => Task.Run(() => ReadAsync(new RecordReader(broker, topic, partition, offset), partition, handler)))];
    }

    /// <summary>Begins to read.</summary>
    /// <param name="process">The broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partitions">The number of its partitions.</param>
    /// <param name="handler">Gets batches that hold records, each partition's on a loop of its own.</param>
    internal static async Task<OutputTail> OpenAsync(BrokerProcess process, string topic, int partitions, Action<int, RecordBatch> handler)
    {
        var broker = new KafkaBroker(new KafkaOptions { Bootstrap = [("127.0.0.1", process.Port)] });
        long[] offsets = new long[partitions];
        for (int i = 0; i < partitions; i++) offsets[i] = (await broker.GetRangeAsync(topic, i)).End;
        return new OutputTail(broker, topic, offsets, handler);
    }

    public async ValueTask DisposeAsync()
    {
        isStopping = true;
        await Task.WhenAll(loops);
        await broker.DisposeAsync();
    }

    private async Task ReadAsync(RecordReader reader, int partition, Action<int, RecordBatch> handler)
    {
        while (!isStopping)
        {
            RecordBatch? batch = await reader.ReadAsync(FetchBytes, FetchWait);
            if (batch is null) continue;
            if (batch.Count > 0) handler(partition, batch);
            batch.Release();
        }
    }
}
