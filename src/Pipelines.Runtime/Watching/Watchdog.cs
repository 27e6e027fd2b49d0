using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Reading;
using Pipelines.Runtime.Restore;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime.Watching;

/// <summary>Looks now and then whether everything moves: tells how far long restores are, and why something stands.</summary>
/// <remarks>
/// Something stands when two looks, one after the other, find it at the same offset with more written behind it. The commonest reason is a transaction that somebody left open: readers of committed
/// records wait for its end, and the name of its owner is what an operator needs.
/// </remarks>
/// <param name="context">What the worker's readers share.</param>
/// <param name="logger">Is told.</param>
/// <param name="group">The group that the worker's partitions are committed for.</param>
/// <param name="topics">The topics that the group's workers read and write.</param>
/// <param name="repeatAfter">After what time a reason is told again.</param>
internal sealed class Watchdog(ReaderContext context, ILogger logger, string group, Topics topics, TimeSpan repeatAfter)
{
    private const long Awaited = -1;

    // Written by the looks, which never overlap, and read by whoever asks.
    private readonly ConcurrentDictionary<(string Topic, int Partition), Sight> sights = new();

    /// <summary>What the last look saw of a partition.</summary>
    /// <param name="Position">The offset it was at.</param>
    /// <param name="Reason">Why it does not go on; null when it does.</param>
    /// <param name="ToldAt">When that was told.</param>
    private sealed record Sight(long Position, string? Reason = null, long? ToldAt = null);

    /// <summary>Why a partition does not go on, as of the last look; null when it does.</summary>
    internal string? ReasonOf(string topic, int partition) => sights.GetValueOrDefault((topic, partition))?.Reason;

    /// <summary>Looks once.</summary>
    /// <param name="running">The tasks that run.</param>
    internal async Task LookAsync(IReadOnlyList<TaskRunner> running)
    {
        var present = new HashSet<(string, int)>();
        foreach (LogReading reading in context.Readings.Keys)
        {
            present.Add((reading.Topic, reading.Partition));
            if (await MovedAsync(reading.Topic, reading.Partition, reading.Position)) Tell(reading);
        }

        foreach (TaskInput input in running.Where(static runner => runner is { IsPaused: false, IsStopped: false }).SelectMany(static runner => runner.Inputs))
        {
            // Several deployments read the same partition; one of them stands for all.
            if (present.Add((input.Topic, input.Partition))) await MovedAsync(input.Topic, input.Partition, input.Processed);
        }

        // Not an offset: a partition that is waited for has none yet.
        if (context.Undecided is { } awaited && present.Add((awaited.Topic, awaited.Partition)))
            await MovedAsync(awaited.Topic, awaited.Partition, Awaited, WhyUndecidedAsync, why => WorkerLog.Undecided(logger, awaited.Topic, awaited.Partition, why));

        foreach ((string, int) gone in sights.Keys.Where(known => !present.Contains(known))) sights.TryRemove(gone, out _);
    }

    /// <summary>True when a partition has gone on since the last look; otherwise it is told why it has not.</summary>
    private Task<bool> MovedAsync(string topic, int partition, long position) =>
        MovedAsync(topic, partition, position, () => WhyAsync(topic, partition, position), why => WorkerLog.Stands(logger, topic, partition, position, why));

    private async Task<bool> MovedAsync(string topic, int partition, long position, Func<Task<string?>> whyAsync, Action<string> tell)
    {
        if (!sights.TryGetValue((topic, partition), out Sight? before) || before.Position != position)
        {
            // What was told a moment ago is not told again when it stands again.
            sights[(topic, partition)] = new Sight(position, ToldAt: before?.ToldAt);
            return true;
        }

        string? why = await whyAsync();
        bool isTold = before.ToldAt is { } last && context.Clock.GetElapsedTime(last) < repeatAfter;
        if (why is not null && !isTold) tell(why);
        sights[(topic, partition)] = before with { Reason = why, ToldAt = why is null || isTold ? before.ToldAt : context.Clock.GetTimestamp() };
        return false;
    }

    private void Tell(LogReading reading)
    {
        double percent = reading.Target == 0 ? 100 : 100.0 * reading.Position / reading.Target;
        string left = reading.Left is { } time ? string.Create(CultureInfo.InvariantCulture, $"about {time.TotalSeconds:F0} s left") : "nothing read yet";
        WorkerLog.Restoring(logger, reading.Topic, reading.Partition, reading.Position, reading.Target, percent, reading.Rate, left);
    }

    /// <summary>Why nothing comes; null when there is nothing to come, or it is about to.</summary>
    private async Task<string?> WhyAsync(string topic, int partition, long position)
    {
        try
        {
            PartitionRange range = await context.Broker.GetRangeAsync(topic, partition);
            if (range.Written <= position || range.End > position) return null;
            OpenTransaction? holder = await context.Broker.FindHolderAsync(topic, partition);
            if (await IsEndedAsync(holder)) return null;
            string waiting = $"{(range.Written - position).ToString(CultureInfo.InvariantCulture)} records wait for the end of ";
            return waiting + (holder is null ? "a transaction that somebody has open" : holder.IsHanging ? DescribeHanging(holder, topic, partition) : Describe(holder));
        }
        catch (BrokerException unknown)
        {
            return unknown.Message;
        }
    }

    /// <summary>Why it is not known how far a former owner has committed.</summary>
    private async Task<string?> WhyUndecidedAsync()
    {
        try
        {
            if (await context.Broker.FindOffsetHolderAsync(group) is { } holder) return $"how far group '{group}' has come depends on the end of {Describe(holder)}";
            // Whatever hangs in the group's offsets hangs in the progress too, where it is seen.
            await IsEndedAsync(await context.Broker.FindHolderAsync(topics.Progress, 0));
            return null;
        }
        catch (BrokerException unknown)
        {
            return unknown.Message;
        }
    }

    /// <summary>Ends what a worker of the group has left that is gone for good; its own, each worker ends by itself.</summary>
    private async Task<bool> IsEndedAsync(OpenTransaction? holder) =>
        holder is { IsHanging: true, TransactionalId: { } id } && id.StartsWith($"{group}-", StringComparison.Ordinal) && await context.Broker.EndHangingAsync(id, topics.Known);

    private static string DescribeHanging(OpenTransaction holder, string topic, int partition) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Whose(holder)} (producer {holder.ProducerId}, from offset {holder.FirstOffset} on), which the cluster takes for ended: it has lost the end. Write it with: kafka-transactions.sh abort --topic {topic} --partition {partition} --start-offset {holder.FirstOffset}");

    private static string Whose(OpenTransaction holder) => holder.TransactionalId is { } id ? $"the transaction of '{id}'" : "a transaction";

    private static string Describe(OpenTransaction holder)
    {
        string since = holder.OpenFor is { } open ? string.Create(CultureInfo.InvariantCulture, $", open for {open.TotalSeconds:F0} s") : "";
        string until = holder.Timeout is { } timeout ? string.Create(CultureInfo.InvariantCulture, $"; the broker aborts it {timeout.TotalSeconds:F0} s after its beginning") : "";
        string remedy = holder.TransactionalId is { } name ? $". If its owner is gone, abort it with: pipelines transactions abort {name}" : "";
        string from = holder.FirstOffset is { } first ? string.Create(CultureInfo.InvariantCulture, $", from offset {first} on") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Whose(holder)} (producer {holder.ProducerId}{from}{since}){until}{remedy}");
    }
}
