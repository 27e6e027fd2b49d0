using Pipelines.Broker.Disk;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;
using Pipelines.Broker.Tests.Support;
using static Pipelines.Broker.Tests.Support.Engines;

namespace Pipelines.Broker.Tests;

public sealed class RecoveryTests
{
    private const string LogFile = "topics/a-0/00000000000000000000.log";

    [Fact]
    public async Task A_log_cut_at_any_byte_of_its_last_batch_loses_that_batch_and_says_so()
    {
        (CrashDisk disk, int lastStart, int length) = await ThreeBatchesAsync();
        for (int cut = lastStart; cut < length; cut++)
        {
            CrashDisk damaged = Changed(disk, bytes => bytes[..cut]);
            await using LogEngine engine = await OpenAsync(damaged);
            Assert.Equal(["one", "two"], await Batches.ValuesAsync(engine, A0));
            if (cut > lastStart)
            {
                TornEnd torn = Assert.Single(engine.Recovery.TornEnds);
                Assert.Equal((LogFile, lastStart, cut - lastStart, 1), (torn.File, torn.Position, torn.Bytes, torn.AcknowledgedLost));
            }

            Assert.Contains(engine.Recovery.Messages, static message => message.Contains("had been acknowledged", StringComparison.Ordinal));
            Assert.Equal(2, await engine.AppendAsync(A0, "three again"));
        }
    }

    [Fact]
    public async Task Any_changed_byte_of_the_last_batch_cuts_it_off()
    {
        (CrashDisk disk, int lastStart, int length) = await ThreeBatchesAsync();
        for (int at = lastStart; at < length; at++)
        {
            // The leader's epoch is not covered by the checksum, and nothing depends on it.
            if (at - lastStart is >= 12 and < 16) continue;
            int position = at;
            CrashDisk damaged = Changed(disk, bytes =>
            {
                bytes[position] ^= 0x40;
                return bytes;
            });
            await using LogEngine engine = await OpenAsync(damaged);
            Assert.Equal(["one", "two"], await Batches.ValuesAsync(engine, A0));
            Assert.Equal(lastStart, Assert.Single(engine.Recovery.TornEnds).Position);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(61)]
    [InlineData(4096)]
    [InlineData(3_000_000)]
    public async Task A_tail_of_zeros_is_cut_off_and_nothing_is_lost(int zeros)
    {
        (CrashDisk disk, _, int length) = await ThreeBatchesAsync();
        await using LogEngine engine = await OpenAsync(Changed(disk, bytes => [.. bytes, .. new byte[zeros]]));
        TornEnd torn = Assert.Single(engine.Recovery.TornEnds);
        Assert.Equal((length, zeros, 0), (torn.Position, torn.Bytes, torn.AcknowledgedLost));
        Assert.Contains("nothing acknowledged is lost", torn.ToString(), StringComparison.Ordinal);
        Assert.Equal(["one", "two", "three"], await Batches.ValuesAsync(engine, A0));
        Assert.Equal(3, await engine.AppendAsync(A0, "four"));
    }

    [Fact]
    public async Task Damage_in_the_middle_refuses_to_start_and_touches_nothing()
    {
        (CrashDisk disk, int lastStart, _) = await ThreeBatchesAsync();
        int batch = lastStart / 2;
        for (int at = batch; at < lastStart; at++)
        {
            if (at - batch is >= 12 and < 16) continue;
            int position = at;
            CrashDisk damaged = Changed(disk, bytes =>
            {
                bytes[position] ^= 0x40;
                return bytes;
            });
            byte[] before = damaged.ReadAll(LogFile);
            CorruptLogException refusal = await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(damaged));
            Assert.Equal((LogFile, batch), (refusal.File, refusal.Position));
            Assert.Contains("Restore the file from a backup", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(before, damaged.ReadAll(LogFile));

            // The lock was given back.
            await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(damaged));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damage_in_a_closed_segment_is_found_when_it_is_read(bool hasCheckpoints)
    {
        CrashDisk disk = await SegmentsAsync();
        string first = disk.Paths(".log")[0];
        if (!hasCheckpoints) RemoveCheckpoints(disk);
        byte[] bytes = disk.ReadAll(first);
        bytes[^1] ^= 1;
        disk.Replace(first, bytes);
        CorruptLogException refusal = await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(disk, segmentBytes: 300, verification: hasCheckpoints ? Verification.All : default));
        Assert.Equal(first, refusal.File);
        Assert.Equal(bytes, disk.ReadAll(first));
    }

    [Fact]
    public async Task Checkpoints_may_be_lost_or_damaged_at_any_byte_and_are_made_anew()
    {
        // When a segment was written is known from its checkpoint only, so the clock stands still.
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        CrashDisk disk = await SegmentsAsync(clock);
        string[] checkpoints = [.. disk.Paths(".checkpoint")];
        Assert.True(checkpoints.Length >= 6);
        byte[] bytes = disk.ReadAll(checkpoints[1]);
        for (int at = 0; at <= bytes.Length; at++)
        {
            if (at == bytes.Length) disk.Remove(checkpoints[1]);
            else disk.Replace(checkpoints[1], [.. bytes[..at], (byte)(bytes[at] ^ 0x20), .. bytes[(at + 1)..]]);
            await using (LogEngine engine = await OpenAsync(disk, clock, segmentBytes: 300))
            {
                Assert.Empty(engine.Recovery.Messages);
                Assert.Equal(20, (await Batches.ValuesAsync(engine, A0)).Length);
            }

            Assert.Equal(bytes, disk.ReadAll(checkpoints[1]));
        }
    }

    /// <summary>Index, times, producers, open and aborted transactions: all of it is in the segments too.</summary>
    [Fact]
    public async Task A_checkpoint_of_another_partition_is_not_believed()
    {
        var disk = new CrashDisk();
        await using (LogEngine engine = await WithTopicsAsync(disk, segmentBytes: 300))
        {
            // The same offsets and sizes everywhere, and different producers.
            foreach (TopicPartition partition in (TopicPartition[])[A0, A1, B0])
            {
                Producer producer = await Producer.OpenAsync(engine, $"{partition}");
                for (int i = 0; i < 8; i++) Assert.Equal(ErrorCode.None, await producer.CommitAsync(partition, $"a record of some length {i}"));
            }
        }

        string[] checkpoints = [.. disk.Paths(".checkpoint").Where(static path => path.Contains("a-0", StringComparison.Ordinal))];
        Assert.True(checkpoints.Length > 3);
        foreach (string other in (string[])["a-1", "b-0"])
        {
            foreach (string path in checkpoints) disk.Replace(path, disk.ReadAll(path.Replace("a-0", other, StringComparison.Ordinal)));
            await using LogEngine engine = await OpenAsync(disk, segmentBytes: 300, verification: Verification.Unproven);
            // All of the other two, and none of this one.
            Assert.Equal(2 * checkpoints.Length, engine.Recovery.SegmentsFromCheckpoint);
            long own = Assert.Single((await engine.DescribeProducersAsync(A0))!).ProducerId;
            Assert.NotEqual(own, Assert.Single((await engine.DescribeProducersAsync(A1))!).ProducerId);
        }
    }

    [Fact]
    public async Task What_checkpoints_tell_is_the_same_when_they_are_lost_or_damaged()
    {
        var disk = new CrashDisk();
        await using (LogEngine engine = await WithTopicsAsync(disk, segmentBytes: 500))
        {
            Producer producer = await Producer.OpenAsync(engine, "id");
            for (int i = 0; i < 9; i++)
            {
                Assert.Equal(ErrorCode.None, await producer.AddAsync([A0]));
                Assert.Equal(ErrorCode.None, (await producer.AppendAsync(A0, $"{i}")).Error);
                Assert.Equal(ErrorCode.None, await producer.EndAsync(commit: i % 3 > 0));
                await engine.AppendAsync(A0, $"plain {i}");
            }

            Producer open = await Producer.OpenAsync(engine, "open");
            Assert.Equal(ErrorCode.None, await open.AddAsync([A0]));
            Assert.Equal(ErrorCode.None, (await open.AppendAsync(A0, "open")).Error);
            for (int i = 0; i < 9; i++) await engine.AppendAsync(A0, $"behind {i}");
        }

        string told = await TellAsync(disk);
        string[] checkpoints = [.. disk.Paths(".checkpoint").Where(static path => path.Contains("a-0", StringComparison.Ordinal))];
        Assert.True(checkpoints.Length > 4);
        foreach (string path in checkpoints)
        {
            byte[] bytes = disk.ReadAll(path);
            foreach (byte[] other in (byte[][])[[], bytes[..(bytes.Length / 2)], .. Enumerable.Range(0, bytes.Length / 9).Select(i => (byte[])[.. bytes[..(i * 9)], (byte)(bytes[i * 9] ^ 4), .. bytes[((i * 9) + 1)..]])])
            {
                disk.Replace(path, other);
                Assert.Equal(told, await TellAsync(disk));
            }

            disk.Remove(path);
            Assert.Equal(told, await TellAsync(disk));
        }

        static async Task<string> TellAsync(CrashDisk disk)
        {
            await using LogEngine engine = await OpenAsync(disk, segmentBytes: 500, verification: Verification.Unproven);
            Assert.Empty(engine.Recovery.Messages);
            return $"{string.Join(',', await Batches.ValuesAsync(engine, A0))}\n{string.Join(',', await Batches.ValuesAsync(engine, A0, readCommitted: false))}\n"
                + $"{string.Join(',', (await engine.DescribeProducersAsync(A0))!)}\n{engine.FindOffsets(A0)}\n{engine.FindTime(A0, 1_700_000_000_000)}";
        }
    }

    [Fact]
    public async Task A_clean_shutdown_makes_the_next_start_read_what_was_asked_for()
    {
        CrashDisk disk = await SegmentsAsync();
        long all = disk.Paths(".log").Sum(path => (long)disk.ReadAll(path).Length);
        long last = disk.ReadAll(disk.Paths(".log")[^1]).Length;
        await using (LogEngine engine = await OpenAsync(disk, segmentBytes: 300, verification: Verification.Unproven)) Assert.Equal(0, engine.Recovery.BytesScanned);
        await using (LogEngine engine = await OpenAsync(disk, segmentBytes: 300)) Assert.Equal(last, engine.Recovery.BytesScanned);
        await using (LogEngine engine = await OpenAsync(disk, segmentBytes: 300, verification: Verification.All)) Assert.Equal(all, engine.Recovery.BytesScanned);
    }

    [Fact]
    public async Task A_segment_that_is_missing_refuses_to_start()
    {
        CrashDisk middle = await SegmentsAsync();
        middle.Remove(middle.Paths(".log")[3]);
        CorruptLogException refusal = await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(middle, segmentBytes: 300));
        Assert.Equal(middle.Paths(".log")[3], refusal.File);

        CrashDisk all = await SegmentsAsync();
        foreach (string path in all.Paths(".log")) all.Remove(path);
        Assert.Equal("topics/a-0", (await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(all, segmentBytes: 300))).File);
    }

    [Fact]
    public async Task A_lost_journal_refuses_to_start_and_removes_nothing()
    {
        CrashDisk disk = await SegmentsAsync();
        disk.Remove("journal");
        IReadOnlyList<string> before = disk.Paths("");
        CorruptLogException refusal = await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(disk));
        Assert.Equal("journal", refusal.File);
        Assert.Contains("Restore it from a backup", refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before, disk.Paths(""));
    }

    [Fact]
    public async Task A_journal_that_is_damaged_where_it_was_durable_refuses_to_start()
    {
        CrashDisk disk = await SegmentsAsync();
        int durable = disk.ReadAll("journal").Length;
        await using (LogEngine engine = await OpenAsync(disk, segmentBytes: 300)) await engine.AppendAsync(A0, "whose flush says that all before was flushed");
        byte[] bytes = disk.ReadAll("journal");
        for (int at = 0; at < durable; at += 3)
        {
            disk.Replace("journal", [.. bytes[..at], (byte)(bytes[at] ^ 0x20), .. bytes[(at + 1)..]]);
            CorruptLogException refusal = await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(disk));
            Assert.Equal("journal", refusal.File);
            Assert.InRange(refusal.Position, 0, at);
        }
    }

    /// <summary>Also where nothing was ever appended to a partition, and when the journal was just written anew.</summary>
    [Theory]
    [InlineData(1 << 20)]
    [InlineData(300)]
    public async Task A_journal_that_is_damaged_after_a_clean_shutdown_refuses_to_start(long journalBytes)
    {
        var disk = new CrashDisk();
        await using (LogEngine engine = await WithTopicsAsync(disk, journalBytes: journalBytes))
        {
            for (int i = 0; i < 20; i++) Assert.Equal(ErrorCode.None, await engine.CommitOffsetsAsync("g", [new GroupOffset(A0, i)]));
        }

        byte[] bytes = disk.ReadAll("journal");
        int last = 0;
        for (int next = 0; next < bytes.Length; next += 8 + System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(next))) last = next;
        // The last entry is the mark that proves the others.
        Assert.InRange(last, 50, bytes.Length - 1);
        for (int at = 0; at < last; at++)
        {
            disk.Replace("journal", [.. bytes[..at], (byte)(bytes[at] ^ 0x20), .. bytes[(at + 1)..]]);
            CorruptLogException refusal = await Assert.ThrowsAsync<CorruptLogException>(() => OpenAsync(disk));
            Assert.Equal("journal", refusal.File);
        }
    }

    [Fact]
    public async Task A_torn_end_of_the_journal_is_cut_off()
    {
        CrashDisk disk = await SegmentsAsync();
        byte[] bytes = disk.ReadAll("journal");
        disk.Replace("journal", [.. bytes, 1, 2, 3, .. new byte[100]]);
        await using LogEngine engine = await OpenAsync(disk, segmentBytes: 300);
        Assert.Equal(("journal", bytes.Length, 103), (engine.Recovery.TornEnds[0].File, engine.Recovery.TornEnds[0].Position, engine.Recovery.TornEnds[0].Bytes));
        Assert.Equal(20, (await Batches.ValuesAsync(engine, A0)).Length);
    }

    [Fact]
    public async Task Files_of_others_are_left_alone()
    {
        CrashDisk disk = await SegmentsAsync();
        disk.Replace("topics/a-0/notes.log", [1, 2, 3]);
        disk.Replace("topics/a-0/readme.txt", [1, 2, 3]);
        await using LogEngine engine = await OpenAsync(disk, segmentBytes: 300);
        Assert.Equal(20, (await Batches.ValuesAsync(engine, A0)).Length);
        Assert.True(disk.Exists("topics/a-0/notes.log"));
    }

    [Fact]
    public async Task A_second_engine_on_the_folder_is_refused_with_the_process_that_has_it()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"pipelines-{Guid.NewGuid():N}");
        try
        {
            await using (await WithTopicsAsync(new PhysicalDisk(folder)))
            {
                DataFolderLockedException refusal = await Assert.ThrowsAsync<DataFolderLockedException>(() => OpenAsync(new PhysicalDisk(folder)));
                Assert.Contains(folder, refusal.Message, StringComparison.Ordinal);
                Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
            }

            await using LogEngine engine = await OpenAsync(new PhysicalDisk(folder));
            Assert.Equal(2, engine.Topics.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(Durability.Fsync)]
    [InlineData(Durability.Os)]
    public async Task The_real_disk_keeps_what_was_written(Durability durability)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"pipelines-{Guid.NewGuid():N}");
        try
        {
            await using (LogEngine engine = await WithTopicsAsync(new PhysicalDisk(folder), durability: durability, segmentBytes: 1000))
            {
                Producer producer = await Producer.OpenAsync(engine, "id");
                for (int i = 0; i < 30; i++) Assert.Equal(ErrorCode.None, await producer.CommitAsync(A0, $"{i}"));
            }

            await using LogEngine again = await OpenAsync(new PhysicalDisk(folder), durability: durability, segmentBytes: 1000);
            Assert.Equal(Enumerable.Range(0, 30).Select(static i => $"{i}"), await Batches.ValuesAsync(again, A0));
            Assert.Empty(again.Recovery.Messages);
            Assert.True(again.Recovery.SegmentsFromCheckpoint > 2);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A disk after a clean shutdown, with three batches of equal size in one segment.</summary>
    private static async Task<(CrashDisk Disk, int LastStart, int Length)> ThreeBatchesAsync()
    {
        var disk = new CrashDisk();
        int size = Batches.Plain("one").Length;
        await using (LogEngine engine = await WithTopicsAsync(disk))
        {
            await engine.AppendAsync(A0, "one");
            await engine.AppendAsync(A0, "two");
            await engine.AppendAsync(A0, "three");
        }

        int length = disk.ReadAll(LogFile).Length;
        return (disk, 2 * size, length);
    }

    /// <summary>A disk after a clean shutdown, with several closed segments and an open one.</summary>
    private static async Task<CrashDisk> SegmentsAsync(TimeProvider? clock = null)
    {
        var disk = new CrashDisk();
        await using (LogEngine engine = await WithTopicsAsync(disk, clock, segmentBytes: 300))
        {
            for (int i = 0; i < 20; i++) await engine.AppendAsync(A0, $"a record of some length {i}");
        }

        return disk;
    }

    private static CrashDisk Changed(CrashDisk disk, Func<byte[], byte[]> change)
    {
        CrashDisk copy = disk.AfterPowerCut(new Random(1), keepChance: 1);
        copy.Replace(LogFile, change(copy.ReadAll(LogFile)));
        return copy;
    }

    private static void RemoveCheckpoints(CrashDisk disk)
    {
        foreach (string path in disk.Paths(".checkpoint")) disk.Remove(path);
    }
}
