using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipelines.Kafka;
using Pipelines.Runtime.Brokers;
using Pipelines.Soak.Eos;
using Pipelines.Soak.Scaling;
using Pipelines.Tests.Brokers;

namespace Pipelines.Soak.Stock;

/// <summary>Stock Java clients at work, an idempotent producer and a transactional copier, while the broker is killed with SIGKILL and started again on its data; then everything is read back.</summary>
internal static class StockSoak
{
    private const int Partitions = 3;
    private const string Written = "stock-written";
    private const string Copied = "stock-copied";
    private const int RecordsPerSecond = 1_000;
    private const int CopierDiesOneIn = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static async Task<int> RunAsync(ScaleBroker kind, double minutes, int seed)
    {
        if (ApacheKafka.WhyMissing() is { } missing)
        {
            await Console.Error.WriteLineAsync($"Stock Java clients wait for {missing}.");
            return 2;
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("pipelines-soak-stock-");
        try
        {
            await using Site site = await Site.StartAsync(kind == ScaleBroker.Kafka ? EosBroker.Kafka : EosBroker.Shipped);
            return await RunAsync(site, folder.FullName, kind, minutes, seed);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> RunAsync(Site site, string folder, ScaleBroker kind, double minutes, int seed)
    {
        await using var observer = new KafkaBroker(KafkaOptions.From([new("bootstrap.servers", site.Bootstrap), new("client.id", "stock-observer")]));
        await observer.CreateTopicAsync(Written, Partitions, isCompacted: false);
        await observer.CreateTopicAsync(Copied, Partitions, isCompacted: false);
        var random = new Random(seed);
        using var producer = new StockProducer(folder, site.Bootstrap, Written, RecordsPerSecond);
        using var copier = new StockCopier(folder, site.Bootstrap, Written, Copied);
        using var enough = new CancellationTokenSource();
        string? stuck = null;
        int kills = 0;
        int copierKills = 0;
        TimeSpan slowest = TimeSpan.Zero;
        long began = Stopwatch.GetTimestamp();
        Task copying = Task.CompletedTask;
        try
        {
            // A virtual machine has to start first.
            await producer.MoreAsync(1, 2 * Patience);
            copying = copier.RunAsync(enough.Token);
            for (; Stopwatch.GetElapsedTime(began).TotalMinutes < minutes; kills++)
            {
                await Task.Delay(random.Next(5, 2_500));
                await site.KillAsync(1);
                if (random.Next(CopierDiesOneIn) == 0)
                {
                    copier.Kill();
                    copierKills++;
                }

                await Task.Delay(random.Next(300));
                long down = Stopwatch.GetTimestamp();
                await site.RestartAsync(1);
                // Now and then it is killed before anybody has got anything of it.
                if (random.Next(4) == 0) continue;
                await producer.MoreAsync(1, Patience);
                TimeSpan took = Stopwatch.GetElapsedTime(down);
                if (took > slowest) slowest = took;
            }

            await producer.EndAsync();
            await CopiedAsync(observer);
            await enough.CancelAsync();
            await copying;
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException or InvalidOperationException or BrokerException)
        {
            stuck = late.Message;
            // Said at once: if the broker is gone, what follows fails too.
            await Console.Error.WriteLineAsync($"stuck: {stuck}");
        }

        await enough.CancelAsync();
        copier.Kill();
        await producer.KillAsync();
        IReadOnlyList<Found> source = await StockVerdict.ReadAsync(observer, Written, Partitions);
        StockVerdict written = StockVerdict.OfWritten(source, producer.All);
        StockVerdict copied = StockVerdict.OfCopied(source, await StockVerdict.ReadAsync(observer, Copied, Partitions));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            broker = kind.ToString(),
            seed,
            seconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1),
            brokerKills = kills,
            copierKills,
            idempotent = new
            {
                acknowledged = producer.All.Count,
                found = written.Records,
                unacknowledged = written.Unacknowledged,
                givenUp = producer.GivenUp,
                lost = written.Lost,
                repeated = written.Repeated,
                reordered = written.Reordered,
                misplaced = written.Misplaced,
                complaint = producer.Complaint,
            },
            transactional = new
            {
                copied = copied.Records,
                lives = copier.Lives,
                failures = copier.Failures,
                lost = copied.Lost,
                repeated = copied.Repeated,
                reordered = copied.Reordered,
                misplaced = copied.Misplaced,
                complaint = copier.Complaint,
            },
            recoverySecondsMax = Math.Round(slowest.TotalSeconds, 2),
            stuck,
        }, Readable));
        return stuck is null && written.Violations + copied.Violations == 0 && producer.GivenUp == 0 ? 0 : 1;
    }

    /// <summary>Waits until the copiers' group has committed past everything that was written.</summary>
    private static async Task CopiedAsync(KafkaBroker observer)
    {
        long until = Environment.TickCount64 + (long)(3 * Patience.TotalMilliseconds);
        for (int partition = 0; partition < Partitions;)
        {
            long end = -1;
            try
            {
                end = (await observer.GetRangeAsync(Written, partition)).End;
                if (end == 0 || await observer.GetCommittedOffsetAsync(StockCopier.Group, Written, partition) >= end)
                {
                    partition++;
                    continue;
                }
            }
            catch (BrokerException)
            {
                // It is asked again.
            }

            if (Environment.TickCount64 > until) throw new TimeoutException($"Partition {partition} of {Written} was not copied to its end, {end}.");
            await Task.Delay(100);
        }
    }
}
