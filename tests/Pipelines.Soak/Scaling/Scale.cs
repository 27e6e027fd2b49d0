using System.Diagnostics;
using System.Text.Json;
using Pipelines.Broker.Server;
using Pipelines.Kafka;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Tests.Brokers;

namespace Pipelines.Soak.Scaling;

/// <summary>What the processes share.</summary>
internal enum ScaleBroker
{
    /// <summary>The broker that ships, over TCP.</summary>
    Shipped = 0,

    /// <summary>Apache Kafka, found through KAFKA_HOME.</summary>
    Kafka = 1,
}

/// <summary>A topic with four partitions, one process, a second beside it, the second ended; records come all the while. At the end every output and state is recomputed.</summary>
internal static class Scale
{
    private const int Batch = 500;
    private static readonly TimeSpan Feeding = TimeSpan.FromSeconds(6);

    internal static async Task<int> RunAsync(long records, ScaleBroker kind, bool kills)
    {
        if (kind == ScaleBroker.Kafka && ApacheKafka.WhyMissing() is { } missing)
        {
            Console.Error.WriteLine($"Scaling waits for {missing}.");
            return 2;
        }

        if (kind == ScaleBroker.Kafka)
        {
            await using ApacheKafka kafka = await ApacheKafka.StartAsync();
            return await RunAsync(records, kind, kills, kafka.Bootstrap);
        }

        await using EmbeddedBroker shipped = await EmbeddedBroker.StartAsync();
        return await RunAsync(records, kind, kills, shipped.BootstrapServers);
    }

    private static async Task<int> RunAsync(long records, ScaleBroker kind, bool kills, string bootstrap)
    {
        await using var broker = new KafkaBroker(KafkaOptions.From([new("bootstrap.servers", bootstrap), new("client.id", "scale")]));
        await broker.CreateTopicAsync("soak-in", Child.Partitions, isCompacted: false);
        await Prices.WriteAsync(broker);
        var feeder = new Feeder(broker, records);
        using var first = new MemberProcess(bootstrap);
        await first.HoldsAsync(Child.Partitions);
        Task feeding = feeder.RunAsync();
        await feeder.CameToAsync(records / 4);
        using var second = new MemberProcess(bootstrap);
        await second.HoldsAsync(Child.Partitions / 2);
        await first.HoldsAsync(Child.Partitions / 2);
        // Its end falls into the middle of what it does.
        feeder.Limit = records;
        await feeder.CameToAsync(records / 4 * 3);
        long began = Stopwatch.GetTimestamp();
        await second.EndAsync(kills);
        await first.HoldsAsync(Child.Partitions);
        double takeover = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await feeding;
        await HandledAsync(broker);
        await first.EndAsync(kills: false);
        var oracle = new Oracle(broker, "scale");
        Verdict verdict = await oracle.CheckAsync(records);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            records,
            broker = kind.ToString(),
            ended = kills ? "SIGKILL" : "SIGTERM",
            lost = verdict.Lost,
            repeated = verdict.Repeated,
            stateMismatches = verdict.StateMismatches,
            delta = oracle.Delta,
            handledByFirst = first.Handled,
            handledBySecond = second.Handled,
            takeoverSeconds = Math.Round(takeover, 2),
        }));
        // A second process that had nothing to do would prove nothing.
        return verdict == default && oracle.Delta == 0 && second.Handled > 0 ? 0 : 1;
    }

    /// <summary>Waits until the group has committed past every record.</summary>
    internal static async Task HandledAsync(KafkaBroker broker)
    {
        long began = Stopwatch.GetTimestamp();
        for (int partition = 0; partition < Child.Partitions;)
        {
            long written = await LastOffsetAsync(broker, partition);
            if (written < 0 || await broker.GetCommittedOffsetAsync("scale", "soak-in", partition) > written)
            {
                partition++;
                continue;
            }

            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(3)) throw new TimeoutException($"Partition {partition} is not handled after three minutes: it ends at offset {written}, and the group has committed {await broker.GetCommittedOffsetAsync("scale", "soak-in", partition)}.");
            await Task.Delay(50);
        }
    }

    private static async Task<long> LastOffsetAsync(KafkaBroker broker, int partition)
    {
        long last = -1;
        await new RecordReader(broker, "soak-in", partition).ReadToEndAsync((_, entry) => last = entry.Offset);
        return last;
    }

    /// <summary>Sends the records evenly over a while; to a half until the second process has its part.</summary>
    private sealed class Feeder(IBroker broker, long records)
    {
        private long limit = records / 2;
        private long sent;

        internal long Limit
        {
            set => Volatile.Write(ref limit, value);
        }

        internal async Task CameToAsync(long number)
        {
            while (Volatile.Read(ref sent) < number) await Task.Delay(5);
        }

        internal async Task RunAsync()
        {
            await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "scale-feeder");
            await writer.PrepareAsync("soak-in", Child.Partitions);
            TimeSpan pause = Feeding * Batch / records;
            long began = Stopwatch.GetTimestamp();
            for (long number = 1; number <= records;)
            {
                while (number > Volatile.Read(ref limit))
                {
                    await Task.Delay(5);
                    began = Stopwatch.GetTimestamp() - (long)(pause.TotalSeconds * number / Batch * Stopwatch.Frequency);
                }

                for (int i = 0; i < Batch && number <= records; i++, number++) writer.Send(Numbered.Of(number));
                await writer.CommitAsync();
                Volatile.Write(ref sent, number - 1);
                TimeSpan ahead = pause * (number / (double)Batch) - Stopwatch.GetElapsedTime(began);
                if (ahead > TimeSpan.Zero) await Task.Delay(ahead);
            }
        }
    }
}
