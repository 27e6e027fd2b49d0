using Pipelines.Kafka;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Soak.Eos;

/// <summary>Sends numbered records evenly until it is told to end, whatever happens to the broker: after a failure the log itself says how far it had come.</summary>
internal sealed class EosFeeder(string bootstrap)
{
    /// <summary>What its connections say who they are.</summary>
    internal const string ClientId = "eos-feeder";

    private const int Batch = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);
    private readonly long[] read = new long[Child.Partitions];
    private volatile bool ends;

    /// <summary>The last number that is sure to be in the log.</summary>
    internal long Sent { get; private set; }

    internal void End() => ends = true;

    internal async Task RunAsync()
    {
        while (!ends)
        {
            try
            {
                await using var broker = new KafkaBroker(KafkaOptions.From([new("bootstrap.servers", bootstrap), new("client.id", ClientId)]));
                await FeedAsync(broker);
            }
            catch (BrokerException)
            {
                await Task.Delay(200);
            }
        }
    }

    private async Task FeedAsync(KafkaBroker broker)
    {
        // A new producer settles what became of the last one's transaction.
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, ClientId, topics: ["soak-in"]);
        await writer.PrepareAsync("soak-in", Child.Partitions);
        for (int partition = 0; partition < Child.Partitions; partition++)
        {
            var reader = new RecordReader(broker, "soak-in", partition, read[partition]);
            await reader.ReadToEndAsync((batch, entry) =>
            {
                Numbered.Read(batch.Bytes, in entry, out Numbered record);
                Sent = Math.Max(Sent, record.Number);
            });
            read[partition] = reader.Offset;
        }

        while (!ends)
        {
            for (int i = 1; i <= Batch; i++) writer.Send(Numbered.Of(Sent + i));
            await writer.CommitAsync();
            Sent += Batch;
            await Task.Delay(Pause);
        }
    }
}
