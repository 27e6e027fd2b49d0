using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>Bytes of what was acknowledged change or go, which no fault of a process does: the rest of F10, F11 and F14. Nothing of it is served, what is beside it is, and the broker says so.</summary>
internal static class DamageFaults
{
    internal static IEnumerable<FaultKind> All =>
    [
        new(10, "the last batch of a log is cut off, at each of its bytes in turn", Places.Simulated, EveryCutAsync),
        new(11, "a byte in the middle of a log changes while the broker runs", Places.Both, MiddleAsync),
        new(11, "a byte in the middle of a log is another when the broker starts", Places.Process, MiddleAtStartAsync),
        new(14, "the journal is missing or damaged", Places.Process, JournalAsync),
    ];

    private static async Task MiddleAsync(Stage stage, Random random)
    {
        if (Choose(stage.World, random, static _ => long.MaxValue) is not { } damage) return;
        // What was there a moment ago may be read by now.
        await Task.Delay(500, stage.Ending);
        Flip();
        try
        {
            await ReadAroundAsync(stage, damage, isDamaged: true);
        }
        finally
        {
            Flip();
        }

        await ReadAroundAsync(stage, damage, isDamaged: false);

        void Flip() => stage.World.Flip(damage.Path, damage.Position, damage.Bit);
    }

    /// <summary>It is found at the start and refused, or later, when it is read.</summary>
    private static async Task MiddleAtStartAsync(Stage stage, Random random)
    {
        var world = (ProcessWorld)stage.World;
        await world.KillAsync();
        List<JournalEntry> journal = ReadJournal(world);
        if (Choose(world, random, place => journal.OfType<Flushed>().SelectMany(static one => one.Ends).Where(end => end.Partition == place).Select(static end => end.EndOffset).LastOrDefault()) is not { } damage)
        {
            await world.StartAsync();
            return;
        }

        world.Flip(damage.Path, damage.Position, damage.Bit);
        string? complaint = await world.RefusalAsync();
        if (complaint is null)
        {
            await world.StartAsync();
            await ReadAroundAsync(stage, damage, isDamaged: true);
            world.Flip(damage.Path, damage.Position, damage.Bit);
            return;
        }

        world.Flip(damage.Path, damage.Position, damage.Bit);
        if (!complaint.Contains(Path.GetFileName(damage.Path), StringComparison.Ordinal) || !complaint.Contains("is damaged", StringComparison.Ordinal))
            stage.Ledger.Violate("a damaged log was refused without a word of it", complaint);
        await world.StartAsync();
    }

    private static async Task JournalAsync(Stage stage, Random random)
    {
        var world = (ProcessWorld)stage.World;
        await world.KillAsync();
        long proven = ReadJournal(world).OfType<Flushed>().Select(static one => one.JournalLength).DefaultIfEmpty(0).Max();
        string path = Path.Combine(world.Folder, JournalFile.Name);
        byte[] whole = await File.ReadAllBytesAsync(path);
        if (proven == 0 || random.Next(4) == 0)
        {
            File.Delete(path);
        }
        else
        {
            byte[] changed = [.. whole];
            changed[random.Next((int)proven)] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, changed);
        }

        string? complaint = await world.RefusalAsync();
        await File.WriteAllBytesAsync(path, whole);
        if (complaint?.Contains(JournalFile.Name, StringComparison.Ordinal) != true) stage.Ledger.Violate("a broker started without its journal", complaint ?? "it listens");
        await world.StartAsync();
    }

    /// <summary>What a start would find; whoever killed the broker may look.</summary>
    private static List<JournalEntry> ReadJournal(ProcessWorld world)
    {
        (JournalFile journal, List<JournalEntry> entries) = JournalFile.Open(new PhysicalDisk(world.Folder), new RecoveryReport(null));
        journal.Dispose();
        return entries;
    }

    /// <summary>A bit of a batch that has others before and behind it.</summary>
    /// <param name="Place">The partition.</param>
    /// <param name="Path">The file.</param>
    /// <param name="Position">The byte.</param>
    /// <param name="Bit">The bit.</param>
    /// <param name="Around">The batch before, it, and the batch behind.</param>
    private sealed record Damage(TopicPartition Place, string Path, long Position, byte Bit, RecordBatchHeader[] Around);

    /// <param name="world">Where.</param>
    /// <param name="random">Decides.</param>
    /// <param name="endOf">The offset in a partition before which it is to be.</param>
    private static Damage? Choose(World world, Random random, Func<TopicPartition, long> endOf)
    {
        TopicPartition place = Topics.Whole.ElementAt(random.Next(Topics.Whole.Count()));
        long end = endOf(place);
        string[] segments = world.Segments(place);
        if (segments.Length == 0) return null;
        string path = segments[random.Next(segments.Length)];
        List<(int Start, RecordBatchHeader Header)> batches = [.. SegmentBytes.Batches(world.ReadFile(path)).TakeWhile(batch => batch.Header.NextOffset <= end)];
        // Too little was written yet.
        if (batches.Count < 3) return null;
        int index = random.Next(1, batches.Count - 1);
        (int start, RecordBatchHeader header) = batches[index];
        return new Damage(place, path, start + SegmentBytes.Choose(random, 0, header.TotalSize), (byte)(1 << random.Next(8)), [.. batches.Slice(index - 1, 3).Select(static batch => batch.Header)]);
    }

    private static async Task ReadAroundAsync(Stage stage, Damage damage, bool isDamaged)
    {
        await using Link link = stage.Link("around damage");
        RecordBatchHeader[] around = damage.Around;
        for (int i = 0; i < around.Length; i++)
        {
            FetchResponse.PartitionData answer = await FetchAsync(await link.OpenAsync(stage.Ending), damage.Place, around[i].BaseOffset, stage.Ending);
            ErrorCode expected = isDamaged && i == 1 ? ErrorCode.CorruptMessage : ErrorCode.None;
            string what = $"{damage.Place}@{around[i].BaseOffset}, {damage.Path} byte {damage.Position} bit {damage.Bit}: {(ErrorCode)answer.ErrorCode}";
            if ((ErrorCode)answer.ErrorCode != expected)
            {
                stage.Ledger.Violate(expected == ErrorCode.None ? "what is beside damage was not served" : "damage was not refused", what);
                continue;
            }

            if (expected != ErrorCode.None) continue;
            try
            {
                (_, long next) = Batch.Read(answer, around[i].BaseOffset, withAborted: true);
                if (next < around[i].NextOffset) stage.Ledger.Violate("what is beside damage was not served", what);
                if (isDamaged && i == 0 && next != around[1].BaseOffset) stage.Ledger.Violate("damage was served", what);
            }
            catch (CorruptBatchException served)
            {
                stage.Ledger.Violate("damage was served", $"{what}, {served.Message}");
            }
        }
    }

    private static async Task<FetchResponse.PartitionData> FetchAsync(BrokerConnection connection, TopicPartition place, long offset, CancellationToken cancellation) =>
        (await connection.SendAsync(new FetchRequest
        {
            MaxWaitMs = 0,
            SessionEpoch = -1,
            Topics = [new() { Topic = place.Topic, Partitions = [new() { Partition = place.Partition, FetchOffset = offset, PartitionMaxBytes = 1 << 20, CurrentLeaderEpoch = -1 }] }],
        }, version: 12, cancellation)).Responses.Single().Partitions.Single();

    /// <summary>Opens copies of the disk. Nothing is lost but what the batch held, or what its transaction did; and of what was acknowledged it is said that it is.</summary>
    private static async Task EveryCutAsync(Stage stage, Random random)
    {
        var world = (SimulatedWorld)stage.World;
        await world.KillAsync();
        TopicPartition place = Topics.Whole.ElementAt(random.Next(Topics.Whole.Count()));
        if (world.Segments(place) is [.., var path])
        {
            byte[] bytes = world.ReadFile(path);
            List<(int Start, RecordBatchHeader Header)> batches = SegmentBytes.Batches(bytes);
            if (batches.Count > 0)
            {
                (int start, RecordBatchHeader last) = batches[^1];
                (Dictionary<(TopicPartition, long), string> before, _) = await OpenAsync(stage, world.CopyDisk());
                HashSet<string> own = [.. Attempts(stage, before, place, last).SelectMany(static attempt => attempt.Values.Values).SelectMany(static values => values)];
                for (int cut = start; cut < bytes.Length; cut++)
                {
                    Tests.CrashDisk disk = world.CopyDisk();
                    disk.Replace(path, bytes[..cut]);
                    (Dictionary<(TopicPartition, long), string> after, string said) = await OpenAsync(stage, disk);
                    Compare(stage, before, after, own, said, $"{path} of {bytes.Length} bytes cut at {cut}, last batch from {start}");
                }
            }
        }

        await world.StartAsync();
    }

    /// <summary>Those that lose something when a batch goes: of a marker, whoever has records in the partition.</summary>
    private static IEnumerable<Attempt> Attempts(Stage stage, Dictionary<(TopicPartition Place, long Offset), string> records, TopicPartition place, RecordBatchHeader batch)
    {
        HashSet<string> values = [.. records.Where(one => one.Key.Place == place && (batch.IsControl || one.Key.Offset >= batch.BaseOffset)).Select(static one => one.Value)];
        return stage.Ledger.Attempts.Where(attempt => attempt.Values.TryGetValue(place, out string[]? those) && those.Any(values.Contains));
    }

    private static void Compare(
        Stage stage, Dictionary<(TopicPartition Place, long Offset), string> before, Dictionary<(TopicPartition, long), string> after, HashSet<string> own, string said, string what)
    {
        foreach (((TopicPartition, long) place, string value) in after)
        {
            if (before.GetValueOrDefault(place) != value) stage.Ledger.Violate("a cut brought something else", $"{what}: {value} at {place}");
        }

        bool isSaid = said.Contains("acknowledged are lost", StringComparison.Ordinal) || said.Contains("acknowledged and are lost", StringComparison.Ordinal);
        HashSet<string> acknowledged = [.. stage.Ledger.Attempts.Where(static attempt => attempt.Outcome == Outcome.Committed).SelectMany(static attempt => attempt.Values.Values).SelectMany(static values => values)];
        foreach (((TopicPartition, long) place, string value) in before)
        {
            if (after.ContainsKey(place)) continue;
            if (!own.Contains(value)) stage.Ledger.Violate("a cut took more than it hit", $"{what}: {value} at {place}");
            else if (acknowledged.Contains(value) && !isSaid) stage.Ledger.Violate("what was acknowledged went without a word", $"{what}: {value} at {place}; {said}");
        }
    }

    private static async Task<(Dictionary<(TopicPartition, long), string> Records, string Said)> OpenAsync(Stage stage, IDisk disk)
    {
        var records = new Dictionary<(TopicPartition, long), string>();
        await using LogEngine engine = await LogEngine.OpenAsync(SimulatedWorld.Options(disk));
        foreach (TopicPartition place in Topics.Whole)
        {
            for (long from = 0; ;)
            {
                using FetchResult result = await engine.FetchAsync(place, from, 1 << 20, readCommitted: true, TimeSpan.Zero);
                if (result.Error != ErrorCode.None) stage.Ledger.Violate("a cut made a log unreadable", $"{place}@{from}: {result.Error}");
                if (result.Length == 0) break;
                (List<(long Offset, string Value)> read, from) = Batch.Read(
                    new FetchResponse.PartitionData
                    {
                        Records = result.Bytes.AsMemory(0, result.Length),
                        AbortedTransactions = [.. result.Aborted.Select(static range => new FetchResponse.AbortedTransaction { ProducerId = range.ProducerId, FirstOffset = range.FirstOffset })],
                    },
                    from,
                    withAborted: false);
                foreach ((long offset, string value) in read) records.Add((place, offset), value);
            }
        }

        return (records, string.Join(' ', engine.Recovery.Messages));
    }
}
