using System.Diagnostics;
using Pipelines.Execution;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Detectors;
using Pipelines.KafkaLoad.Loads;
using Pipelines.Loads;
using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Client;

namespace Pipelines.KafkaLoad.Parts;

/// <summary>How long it takes from a record's sending to a read-committed reader of the output, at a given rate; and how much of that is the cluster's, whoever makes the transactions.</summary>
internal static class Latency
{
    internal const int CommitMs = 10;
    private const string Bare = "bare";
    private const int WarmSeconds = 10;
    private const int MeasuredSeconds = 15;
    private const int LongestMs = 10_000;
    private const int StepsPerMs = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal static async Task RunAsync(Report report, IReadOnlyList<Contestant> contestants, BrokerKind kind, Settings settings)
    {
        foreach (Contestant contestant in contestants)
        {
            await using Bench bench = await Bench.StartAsync(kind, settings.Port);
            string output = contestant.Output(Job.Copy);
            await bench.Broker.CreateTopicAsync(output, Bench.Partitions);
            await using Worker worker = contestant.Start(new Assignment(Job.Copy, bench.Broker, bench.FolderOf(contestant.Application), TimeSpan.FromMilliseconds(CommitMs)));
            worker.Read("started");
            await MeasureAsync(report, contestant.Name, "end to end", bench, output, origin => SendAsync(bench, settings, origin));
        }

        await using Bench alone = await Bench.StartAsync(kind, settings.Port);
        await alone.Broker.CreateTopicAsync(Bare, Bench.Partitions);
        await using BrokerConnection connection = await alone.Broker.ConnectAsync();
        await MeasureAsync(report, contestants[0].Name, "the cluster's transactions alone", alone, Bare, async origin =>
        {
            (long sent, double produce, double offsets, double end) = await new BareTransactions(connection, Bare, Bench.Partitions).RunAsync(
                origin, TimeSpan.FromMilliseconds(CommitMs), settings.Rate, settings.Accounts, TimeSpan.FromSeconds(WarmSeconds + MeasuredSeconds));
            report.Add("of these, Produce", "p99 ms", contestants[0].Name, produce);
            report.Add("of these, TxnOffsetCommit", "p99 ms", contestants[0].Name, offsets);
            report.Add("of these, EndTxn", "p99 ms", contestants[0].Name, end);
            return sent;
        });
    }

    private static async Task MeasureAsync(Report report, string who, string what, Bench bench, string output, Func<long, Task<long>> sendAsync)
    {
        // Counts by tenths of a millisecond, apart for each partition, since each has a loop of its own.
        long[][] counts = [.. Enumerable.Range(0, Bench.Partitions).Select(static _ => new long[(LongestMs * StepsPerMs) + 1])];
        long[] seen = new long[Bench.Partitions];
        long origin = Stopwatch.GetTimestamp();
        await using OutputTail tail = await OutputTail.OpenAsync(bench.Broker, output, Bench.Partitions, (partition, batch) =>
        {
            Count(batch, origin, counts[partition]);
            Interlocked.Add(ref seen[partition], batch.Count);
        });
        long sent = await sendAsync(origin);
        long waiting = Stopwatch.GetTimestamp();
        while (seen.Sum() < sent && Stopwatch.GetElapsedTime(waiting) < Patience) await Task.Delay(10);
        if (seen.Sum() != sent) throw new InvalidOperationException($"{who}, latency: {seen.Sum()} outputs of {sent} events.");
        long[] all = [.. Enumerable.Range(0, counts[0].Length).Select(step => counts.Sum(one => one[step]))];
        if (all[^1] > 0) throw new InvalidOperationException($"{who}, latency: {all[^1]} outputs came more than {LongestMs / 1_000} s late, so it does not keep up with the rate. Lower --rate.");
        report.Add(what, "p50 ms", who, At(all, 0.5));
        report.Add(what, "p99 ms", who, At(all, 0.99));
    }

    /// <summary>Sends as many events each millisecond as the rate asks for, with the time in each; what it is late it makes good.</summary>
    private static async Task<long> SendAsync(Bench bench, Settings settings, long origin)
    {
        var events = new Events();
        await using PreparedTopic topic = await PreparedTopic.OpenAsync(bench.Broker, Events.Topic, Bench.Partitions);
        var random = new Random(1);
        long sent = 0;
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed.TotalSeconds < WarmSeconds + MeasuredSeconds)
        {
            long due = (long)(elapsed.TotalSeconds * settings.Rate);
            long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            for (; sent < due; sent++)
                await events.AddAsync(topic, now, Events.FirstAccount + random.Next(settings.Accounts), Microseconds(origin));
            await topic.SendAllAsync();
            await Task.Delay(1);
        }

        return sent;
    }

    private static void Count(RecordBatch batch, long origin, long[] counts)
    {
        long now = Microseconds(origin);
        foreach (RecordEntry entry in batch.Entries.AsSpan(0, batch.Count))
        {
            // A copy's value is its event's.
            Event.Read(batch.Bytes, in entry, out Event one);
            long sent = Events.NumberOf(one.Amount);
            if (sent >= WarmSeconds * 1_000_000) counts[Math.Min((now - sent) * StepsPerMs / 1_000, LongestMs * StepsPerMs)]++;
        }
    }

    private static double At(long[] counts, double share)
    {
        long left = (long)(counts.Sum() * share);
        int step = 0;
        while (step < counts.Length - 1 && left >= counts[step]) left -= counts[step++];
        return step / (double)StepsPerMs;
    }

    private static long Microseconds(long origin) => Stopwatch.GetElapsedTime(origin).Ticks / TimeSpan.TicksPerMicrosecond;
}
