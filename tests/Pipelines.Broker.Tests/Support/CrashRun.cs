using System.Globalization;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Transactions;

namespace Pipelines.Broker.Tests.Support;

/// <summary>A workload that is cut off by crashes again and again, and a model that knows what may be there afterwards.</summary>
/// <remarks>Each transaction writes values that occur nowhere else, and its number as a group's offset. From what was acknowledged and what was read alone the model judges.</remarks>
internal sealed class CrashRun(int seed, bool lies = false)
{
    private static readonly TopicPartition[] Partitions = [Engines.A0, Engines.A1, Engines.B0];
    private readonly Random random = new(seed);
    private readonly Lock gate = new();
    private readonly List<Attempt> attempts = [];
    private readonly Dictionary<(TopicPartition, long), string> served = [];
    private readonly int[] numbers = new int[4];
    private (Producer Producer, Attempt Attempt)? openEnd;

    private enum Outcome
    {
        Unknown = 0,
        Committed = 1,
        Aborted = 2,
    }

    private sealed class Attempt(int worker, int number)
    {
        internal int Worker => worker;

        internal int Number => number;

        internal Dictionary<TopicPartition, string[]> Values { get; } = [];

        internal Outcome Outcome { get; set; }
    }

    /// <summary>What recovery told, start by start.</summary>
    internal List<string> Trace { get; } = [];

    internal int Crashes { get; private set; }

    internal int Committed => attempts.Count(static attempt => attempt.Outcome == Outcome.Committed);

    internal async Task RunAsync(int cycles)
    {
        var disk = new CrashDisk { Lies = lies };
        await using (await Engines.WithTopicsAsync(disk, segmentBytes: 2000))
        {
        }

        for (int cycle = 0; cycle < cycles; cycle++)
        {
            disk = await CycleAsync(disk);
            Crashes++;
        }
    }

    private async Task<CrashDisk> CycleAsync(CrashDisk disk)
    {
        disk.CrashAt = disk.Operations + (random.Next(10) < 3 ? random.Next(1, 25) : random.Next(25, 400));
        LogEngine? engine = null;
        try
        {
            // Also recovery may be cut off.
            engine = await Engines.OpenAsync(disk, segmentBytes: 2000, journalBytes: 4000, verification: (Verification)random.Next(3));
            Trace.Add($"--- start {Crashes}: {engine.Recovery.TransactionsCompleted} completed, {engine.Recovery.TransactionsAborted} aborted, {engine.Recovery.TransactionsOpen} open, {engine.Recovery.SegmentsFromCheckpoint} segments from checkpoints");
            Trace.AddRange(engine.Recovery.Messages);
            await CheckAsync(engine);
            await WorkAsync(engine, disk);
        }
        catch (Exception stop) when (stop is CrashedException or StorageFailedException)
        {
        }

        if (engine is not null) await engine.DisposeAsync();
        double keep = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
        bool isKill = random.Next(4) == 0;
        Trace.Add($"--- crash {Crashes} at operation {disk.Operations}: {(isKill ? "killed" : $"power cut, {keep:P0} of unflushed changes kept")}");
        return isKill ? disk.AfterKill() : disk.AfterPowerCut(random, keep);
    }

    private async Task WorkAsync(LogEngine engine, CrashDisk disk)
    {
        int[] seeds = [.. Enumerable.Range(0, 5).Select(_ => random.Next())];
        await Task.WhenAll(
            Until(FastAsync(engine, 0, new Random(seeds[0]))),
            Until(FastAsync(engine, 1, new Random(seeds[1]))),
            Until(StepAsync(engine, 2, new Random(seeds[2]))),
            Until(PlainAsync(engine, 3, new Random(seeds[3]))),
            Until(ReadAsync(engine, disk)));

        // When one has stopped, for whatever reason, the machine goes down for all.
        async Task Until(Task work)
        {
            try
            {
                await work;
            }
            catch (StorageFailedException)
            {
            }
            finally
            {
                disk.Kill();
            }
        }
    }

    private async Task FastAsync(LogEngine engine, int worker, Random choice)
    {
        Producer producer = await Producer.OpenAsync(engine, $"worker-{worker}");
        while (true)
        {
            Attempt attempt = Begin(worker, choice);
            var appends = attempt.Values.Select(values => new PartitionAppend(values.Key, producer.Batch(values.Key, values.Value))).ToArray();
            ErrorCode error = await producer.CommitAsync(appends, $"group-{worker}", [OffsetOf(attempt)]);
            Assert.Equal(ErrorCode.None, error);
            lock (gate) attempt.Outcome = Outcome.Committed;
        }
    }

    private async Task StepAsync(LogEngine engine, int worker, Random choice)
    {
        Producer producer = await Producer.OpenAsync(engine, $"worker-{worker}");
        while (true)
        {
            Attempt attempt = Begin(worker, choice);
            Assert.Equal(ErrorCode.None, await producer.AddAsync([.. attempt.Values.Keys]));
            foreach ((TopicPartition partition, string[] values) in attempt.Values)
            {
                foreach (string value in values) Assert.Equal(ErrorCode.None, (await producer.AppendAsync(partition, value)).Error);
            }

            Assert.Equal(ErrorCode.None, await producer.AddOffsetsAsync($"group-{worker}", OffsetOf(attempt)));
            bool commit = choice.Next(4) > 0;
            if (commit) openEnd = (producer, attempt);
            Assert.Equal(ErrorCode.None, await producer.EndAsync(commit));
            openEnd = null;
            lock (gate) attempt.Outcome = commit ? Outcome.Committed : Outcome.Aborted;
        }
    }

    private async Task PlainAsync(LogEngine engine, int worker, Random choice)
    {
        while (true)
        {
            Attempt attempt = Begin(worker, choice, most: 1);
            foreach ((TopicPartition partition, string[] values) in attempt.Values) await engine.AppendAsync(partition, values);
            lock (gate) attempt.Outcome = Outcome.Committed;
        }
    }

    private async Task ReadAsync(LogEngine engine, CrashDisk disk)
    {
        long[] next = new long[Partitions.Length];
        while (!disk.IsDown)
        {
            for (int i = 0; i < next.Length; i++)
            {
                using FetchResult result = await engine.FetchAsync(Partitions[i], next[i], 3000, readCommitted: true, TimeSpan.FromMilliseconds(1));
                Assert.Equal(ErrorCode.None, result.Error);
                Assert.True(result.StableOffset <= result.HighWatermark);
                foreach (Seen record in Batches.Decode(result, next[i], readCommitted: true))
                {
                    served[(Partitions[i], record.Offset)] = record.Value;
                    next[i] = record.Offset + 1;
                }
            }
        }
    }

    private async Task CheckAsync(LogEngine engine)
    {
        if (openEnd is { } asked)
        {
            // The answer to a commit was lost: asked again, it must be the truth.
            ErrorCode again = await asked.Producer.On(engine).EndAsync(commit: true);
            Assert.True(again is ErrorCode.None or ErrorCode.ProducerFenced, $"a repeated commit was answered {again}");
            asked.Attempt.Outcome = again == ErrorCode.None ? Outcome.Committed : Outcome.Aborted;
            openEnd = null;
        }

        // Fences who was there before: nothing is open after that.
        for (int worker = 0; worker < 3; worker++) await Producer.OpenAsync(engine, $"worker-{worker}");

        var found = new HashSet<string>();
        foreach (TopicPartition partition in Partitions)
        {
            (List<Seen> records, _) = await Batches.ReadAllAsync(engine, partition);
            PartitionOffsets offsets = engine.FindOffsets(partition)!.Value;
            Assert.Equal(offsets.HighWatermark, offsets.Stable);
            foreach (Seen record in records) Assert.True(found.Add(record.Value), $"{record.Value} is there twice");
            Dictionary<long, string> byOffset = records.ToDictionary(static record => record.Offset, static record => record.Value);
            foreach (((TopicPartition place, long offset), string value) in served)
            {
                if (place == partition) Assert.True(byOffset.GetValueOrDefault(offset) == value, $"{partition}@{offset} was read as {value} and is now {byOffset.GetValueOrDefault(offset)}");
            }
        }

        foreach (Attempt attempt in attempts) Judge(attempt, found);
        Assert.Empty(found);
        for (int worker = 0; worker < 3; worker++)
        {
            (_, GroupOffset? offset) = await engine.FindOffsetAsync($"group-{worker}", Engines.B0);
            int last = attempts.Where(attempt => attempt.Worker == worker && attempt.Outcome == Outcome.Committed).Select(static attempt => attempt.Number).DefaultIfEmpty(0).Max();
            Assert.Equal(last, offset?.Offset ?? 0);
        }
    }

    private static void Judge(Attempt attempt, HashSet<string> found)
    {
        string[] all = [.. attempt.Values.Values.SelectMany(static values => values)];
        int there = all.Count(found.Remove);
        string what = $"worker {attempt.Worker}, attempt {attempt.Number} ({attempt.Outcome}): {there} of {all.Length} are there";
        Assert.True(there == 0 || there == all.Length, what);
        if (attempt.Outcome == Outcome.Unknown) attempt.Outcome = there > 0 ? Outcome.Committed : Outcome.Aborted;
        Assert.True(attempt.Outcome == Outcome.Committed == there > 0, what);
    }

    private Attempt Begin(int worker, Random choice, int most = 3)
    {
        lock (gate)
        {
            var attempt = new Attempt(worker, ++numbers[worker]);
            foreach (TopicPartition partition in Partitions.OrderBy(_ => choice.Next()).Take(choice.Next(1, most + 1)))
            {
                string padding = new('x', choice.Next(60));
                attempt.Values[partition] = [.. Enumerable.Range(0, choice.Next(1, 4)).Select(i =>
                    string.Create(CultureInfo.InvariantCulture, $"{worker}:{attempt.Number}:{partition}:{i}:{padding}"))];
            }

            attempts.Add(attempt);
            return attempt;
        }
    }

    private static GroupOffset OffsetOf(Attempt attempt) => new(Engines.B0, attempt.Number, 0, "meta");
}
