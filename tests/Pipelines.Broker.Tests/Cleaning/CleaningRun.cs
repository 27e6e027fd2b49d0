using System.Globalization;
using System.Text;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Tests.Cleaning;

/// <summary>
/// Topics that are compacted, cut off at the start, deleted and made again, with crashes in between. The model knows what was acknowledged, and judges what
/// is there: of each key the last value, of a deleted topic nothing, of a cut log nothing before the cut.
/// </summary>
internal sealed class CleaningRun(int seed, bool lies = false)
{
    private static readonly TopicPartition Compacted = new("compacted", 0);
    private static readonly TopicPartition Cut = new("cut", 0);
    private readonly Random random = new(seed);
    private readonly Lock gate = new();
    private readonly List<Write> writes = [];
    private readonly Dictionary<long, string> cutValues = [];
    private long cutStart;
    private long cutAcknowledged = -1;
    private int generation;
    private int? living = 0;
    private bool isChurnKnown = true;
    private int number;

    private enum Outcome
    {
        Unknown = 0,
        There = 1,
        Gone = 2,
    }

    /// <summary>A keyed value that somebody tried to write; null for a tombstone.</summary>
    private sealed class Write(string key, string? value)
    {
        internal string Key => key;

        internal string? Value => value;

        internal long Offset { get; set; } = -1;

        internal Outcome Outcome { get; set; }
    }

    internal int Crashes { get; private set; }

    /// <summary>Records that compaction has taken out, counted at the starts.</summary>
    internal long Dropped { get; private set; }

    internal int Deletions { get; private set; }

    internal async Task RunAsync(int cycles)
    {
        var disk = new CrashDisk { Lies = lies };
        await using (LogEngine engine = await OpenAsync(disk))
        {
            var settings = new Dictionary<string, string>
            {
                ["cleanup.policy"] = "compact", ["min.cleanable.dirty.ratio"] = "0", ["segment.bytes"] = "900", ["delete.retention.ms"] = "5",
            };
            Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("compacted", 1, settings));
            Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("cut", 1, new Dictionary<string, string> { ["segment.bytes"] = "500" }));
            Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("churn", 2));
        }

        for (int cycle = 0; cycle < cycles; cycle++)
        {
            disk = await CycleAsync(disk);
            Crashes++;
        }
    }

    private static Task<LogEngine> OpenAsync(CrashDisk disk, Verification verification = default) => LogEngine.OpenAsync(new EngineOptions
    {
        Disk = disk,
        JournalBytes = 6000,
        IndexIntervalBytes = 256,
        HousekeepingInterval = TimeSpan.FromMilliseconds(1),
        Verification = verification,
    });

    private async Task<CrashDisk> CycleAsync(CrashDisk disk)
    {
        disk.CrashAt = disk.Operations + (random.Next(10) switch { < 2 => random.Next(1, 30), < 7 => random.Next(30, 700), _ => random.Next(700, 4000) });
        LogEngine? engine = null;
        try
        {
            engine = await OpenAsync(disk, (Verification)random.Next(3));
            await CheckAsync(engine);
            int[] seeds = [.. Enumerable.Range(0, 4).Select(_ => random.Next())];
            await Task.WhenAll(
                Until(WriteAsync(engine, new Random(seeds[0]))),
                Until(CommitAsync(engine, new Random(seeds[1]))),
                Until(CutAsync(engine, new Random(seeds[2]))),
                Until(ChurnAsync(engine, new Random(seeds[3]))));
        }
        catch (Exception stop) when (stop is CrashedException or StorageFailedException)
        {
        }

        if (engine is not null) await engine.DisposeAsync();
        double keep = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
        return random.Next(4) == 0 ? disk.AfterKill() : disk.AfterPowerCut(random, keep);

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

    private async Task WriteAsync(LogEngine engine, Random choice)
    {
        while (true)
        {
            Write write = NewWrite(choice);
            AppendResult result = await engine.AppendAsync(Compacted, Batch(BatchProducer.None, write));
            Assert.Equal(ErrorCode.None, result.Error);
            lock (gate) (write.Offset, write.Outcome) = (result.BaseOffset, Outcome.There);
        }
    }

    private async Task CommitAsync(LogEngine engine, Random choice)
    {
        ProducerIdentity producer = await engine.OpenProducerAsync("id");
        int sequence = 0;
        while (true)
        {
            var mine = new List<Write>();
            for (int left = choice.Next(1, 4); left > 0; left--)
            {
                Write write = NewWrite(choice);
                mine.Add(write);
                var batch = new BatchProducer(producer.ProducerId, producer.Epoch, sequence++, IsTransactional: true);
                AppendResult result = await engine.AppendAsync(Compacted, Batch(batch, write), "id", TransactionProtocol.Implicit);
                Assert.Equal(ErrorCode.None, result.Error);
                lock (gate) write.Offset = result.BaseOffset;
            }

            bool commit = choice.Next(3) > 0;
            if (!commit)
            {
                lock (gate) mine.ForEach(static write => write.Outcome = Outcome.Gone);
            }

            ErrorCode error = await engine.EndTransactionAsync("id", producer.ProducerId, producer.Epoch, commit);
            Assert.Equal(ErrorCode.None, error);
            lock (gate) mine.ForEach(write => write.Outcome = commit ? Outcome.There : Outcome.Gone);
        }
    }

    private async Task CutAsync(LogEngine engine, Random choice)
    {
        while (true)
        {
            string value = NewValue(choice);
            long offset = await Engines.AppendAsync(engine, Cut, value);
            lock (gate)
            {
                cutValues[offset] = value;
                cutAcknowledged = Math.Max(cutAcknowledged, offset);
            }

            if (choice.Next(6) > 0) continue;
            long at = choice.Next(3) == 0 ? -1 : offset - choice.Next(8);
            (ErrorCode error, long start) = await engine.DeleteRecordsAsync(Cut, Math.Max(-1, at));
            Assert.Equal(ErrorCode.None, error);
            lock (gate) cutStart = Math.Max(cutStart, start);
        }
    }

    private async Task ChurnAsync(LogEngine engine, Random choice)
    {
        while (true)
        {
            if (engine.FindTopic("churn") is null)
            {
                isChurnKnown = false;
                generation++;
                Assert.Equal(ErrorCode.None, await engine.CreateTopicAsync("churn", 2));
                (living, isChurnKnown) = (generation, true);
            }

            if (engine.FindTopic("churn")!.Partitions == 2 && choice.Next(3) == 0) Assert.Equal(ErrorCode.None, await engine.CreatePartitionsAsync("churn", 3));
            for (int left = choice.Next(4); left > 0; left--) await Engines.AppendAsync(engine, new TopicPartition("churn", choice.Next(2)), string.Create(CultureInfo.InvariantCulture, $"{generation}"));
            Assert.Equal(ErrorCode.None, await engine.CommitOffsetsAsync("churners", [new GroupOffset(new TopicPartition("churn", 0), generation)]));
            isChurnKnown = false;
            Assert.Equal(ErrorCode.None, await engine.DeleteTopicAsync("churn"));
            Deletions++;
            (living, isChurnKnown) = (null, true);
        }
    }

    private async Task CheckAsync(LogEngine engine)
    {
        // Fences who was there before: nothing is open after that.
        await engine.OpenProducerAsync("id");
        await CheckCompactedAsync(engine);
        await CheckCutAsync(engine);
        await CheckChurnAsync(engine);
    }

    private async Task CheckCompactedAsync(LogEngine engine)
    {
        Dictionary<long, Write> byOffset = writes.Where(static write => write.Offset >= 0 && write.Outcome == Outcome.There).ToDictionary(static write => write.Offset);
        List<(long Offset, string Key, string? Value)> found = await ReadAsync(engine, Compacted);
        Assert.Equal(found.Count, found.Select(static record => record.Offset).Distinct().Count());
        foreach ((long offset, string key, string? value) in found)
        {
            // Tombstones look all alike.
            Write? write = writes.Find(write => write.Key == key && write.Value == value && (value is not null || write.Offset == offset))
                ?? writes.Find(write => write.Key == key && write.Value == value && write.Outcome == Outcome.Unknown && write.Offset < 0);
            Assert.True(write is not null, $"{key}={value} at {offset} was never written, or was aborted");
            Assert.True(write.Outcome != Outcome.Gone, $"{key}={value} at {offset} was aborted");
            if (write.Outcome == Outcome.Unknown) (write.Offset, write.Outcome) = (offset, Outcome.There);
            Assert.Equal(write.Offset, offset);
        }

        foreach (IGrouping<string, Write> key in writes.Where(static write => write.Outcome == Outcome.There).GroupBy(static write => write.Key))
        {
            Write last = key.MaxBy(static write => write.Offset)!;
            (long offset, _, string? value) = found.LastOrDefault(record => record.Key == key.Key);
            bool isThere = found.Exists(record => record.Key == key.Key);
            if (!isThere && writes.Exists(write => write.Key == key.Key && write.Value is null && write.Outcome == Outcome.Unknown))
            {
                // A tombstone of which no answer came may have done its work, and be gone.
                foreach (Write write in key) write.Outcome = Outcome.Gone;
                continue;
            }

            if (last.Value is not null) Assert.True(isThere && value == last.Value && offset == last.Offset, $"{key.Key} should be {last.Value} at {last.Offset} and is {value} at {offset}");
            else Assert.True(!isThere || (value is null && offset == last.Offset), $"{key.Key} was deleted at {last.Offset} and is {value} at {offset}");
        }

        Dropped = Math.Max(Dropped, byOffset.Count - found.Count);
        // What was not answered, and is not there, never will be.
        foreach (Write write in writes)
        {
            if (write.Outcome == Outcome.Unknown) write.Outcome = Outcome.Gone;
        }
    }

    private async Task CheckCutAsync(LogEngine engine)
    {
        PartitionOffsets offsets = engine.FindOffsets(Cut)!.Value;
        Assert.True(offsets.Start >= cutStart, $"records before {cutStart} were deleted, and the log starts at {offsets.Start}");
        Assert.True(offsets.HighWatermark > cutAcknowledged, $"{cutAcknowledged} was acknowledged, and the log ends at {offsets.HighWatermark}");
        (List<Seen> records, _) = await Batches.ReadAllAsync(engine, Cut, offsets.Start);
        foreach (Seen record in records)
        {
            if (cutValues.TryGetValue(record.Offset, out string? value)) Assert.Equal(value, record.Value);
            cutValues[record.Offset] = record.Value;
        }

        Assert.Equal(offsets.HighWatermark - offsets.Start, records.Count);
        cutAcknowledged = offsets.HighWatermark - 1;
    }

    private async Task CheckChurnAsync(LogEngine engine)
    {
        bool isThere = engine.FindTopic("churn") is not null;
        if (isChurnKnown) Assert.Equal(living is not null, isThere);
        (_, GroupOffset? offset) = await engine.FindOffsetAsync("churners", new TopicPartition("churn", 0));
        if (!isThere)
        {
            Assert.Null(offset);
        }
        else
        {
            string[] values = [.. await Batches.ValuesAsync(engine, new TopicPartition("churn", 0)), .. await Batches.ValuesAsync(engine, new TopicPartition("churn", 1))];
            string now = generation.ToString(CultureInfo.InvariantCulture);
            Assert.All(values, value => Assert.Equal(now, value));
            Assert.True(offset is null || offset.Value.Offset == generation, $"an offset of generation {offset?.Offset} was found in generation {generation}");
        }

        (living, isChurnKnown) = (isThere ? generation : null, true);
    }

    private static async Task<List<(long Offset, string Key, string? Value)>> ReadAsync(LogEngine engine, TopicPartition partition)
    {
        var all = new List<(long, string, string?)>();
        for (long from = 0; ;)
        {
            using FetchResult result = await engine.FetchAsync(partition, from, 4096, readCommitted: true, TimeSpan.Zero);
            Assert.Equal(ErrorCode.None, result.Error);
            if (result.Length == 0) return all;
            var kept = Batches.Decode(result, from, readCommitted: true).Select(static record => record.Offset).ToHashSet();
            ReadOnlySpan<byte> rest = result.Bytes.AsSpan(0, result.Length);
            while (RecordBatchHeader.TryRead(rest, out RecordBatchHeader header))
            {
                var records = new RecordCursor(rest[..header.TotalSize], RecordBatchHeader.Size, header.TotalSize, in header);
                while (records.MoveNext())
                {
                    if (!header.IsControl && kept.Contains(records.Offset))
                        all.Add((records.Offset, Encoding.UTF8.GetString(rest.Slice(records.KeyStart, records.KeyLength)), records.ValueLength < 0 ? null : Encoding.UTF8.GetString(rest.Slice(records.ValueStart, records.ValueLength))));
                }

                from = header.NextOffset;
                rest = rest[header.TotalSize..];
            }
        }
    }

    private static byte[] Batch(BatchProducer producer, Write write)
    {
        var writer = new RecordBatchWriter();
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        writer.Add(now, Encoding.UTF8.GetBytes(write.Key), Encoding.UTF8.GetBytes(write.Value ?? ""), hasValue: write.Value is not null);
        return writer.Complete(producer);
    }

    private Write NewWrite(Random choice)
    {
        var write = new Write($"key-{choice.Next(8)}", choice.Next(8) == 0 ? null : NewValue(choice));
        lock (gate) writes.Add(write);
        return write;
    }

    private string NewValue(Random choice) => string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref number)}-{new string('x', choice.Next(50))}");
}
