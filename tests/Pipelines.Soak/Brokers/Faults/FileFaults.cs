using System.Globalization;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Records;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>What the program finds in its folder after it was killed: F10 to F12, F14, F20; and F19.</summary>
internal static class FileFaults
{
    internal static IEnumerable<FaultKind> All =>
    [
        new(10, "the last batch of a log is there in part", Places.Process, static (stage, random) => TailAsync(stage, random, static (batch, random) => batch[..random.Next(1, batch.Length)])),
        new(11, "a byte of the last batch is another", Places.Process, static (stage, random) => TailAsync(stage, random, static (batch, random) =>
        {
            // The offset is the broker's, and its damage is a batch that is not next; all the rest is covered by the checksum or is the checksum.
            batch[SegmentBytes.Choose(random, 16, batch.Length)] ^= (byte)(1 << random.Next(8));
            return batch;
        })),
        new(12, "a log ends in zeros", Places.Process, static (stage, random) => TailAsync(stage, random, static (_, random) => new byte[random.Next(1, 64 * 1024)])),
        new(14, "checkpoints are missing or damaged", Places.Process, CheckpointsAsync),
        new(20, "the broker is killed while it compacts", Places.Process, WhileCompactingAsync),
        new(19, "a second broker is started on the folder", Places.Both, AnotherAsync),
    ];

    /// <summary>Something that was never acknowledged stands at the end of a log: as if the process had died while it wrote.</summary>
    private static async Task TailAsync(Stage stage, Random random, Func<byte[], Random, byte[]> damage)
    {
        var world = (ProcessWorld)stage.World;
        TopicPartition place = Topics.All.ElementAt(random.Next(Topics.All.Count()));
        Attempt never = stage.Ledger.Begin(stage.NewName("tail"), (place, random.Next(1, 5)));
        never.Outcome = Outcome.Aborted;
        await world.KillAsync();
        // Before the first record there is no segment.
        if (world.Segments(place) is not [.., var last])
        {
            await world.StartAsync();
            return;
        }

        byte[] batch = Batch.Of(BatchProducer.None, never.Values[place]);
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        (header with { BaseOffset = NextOffset(last), PartitionLeaderEpoch = 0 }).Write(batch);
        await using (FileStream file = new(last, FileMode.Append)) await file.WriteAsync(damage(batch, random));
        await world.StartAsync();
    }

    private static long NextOffset(string segment)
    {
        // A segment is named after its first offset.
        return SegmentBytes.Batches(File.ReadAllBytes(segment)) is [.., var last] ? last.Header.NextOffset : long.Parse(Path.GetFileNameWithoutExtension(segment), CultureInfo.InvariantCulture);
    }

    private static async Task CheckpointsAsync(Stage stage, Random random)
    {
        var world = (ProcessWorld)stage.World;
        // A clean stop leaves one for each last segment.
        if (random.Next(2) == 0) await world.StopAsync();
        else await world.KillAsync();
        foreach (string path in Directory.GetFiles(world.Folder, "*.checkpoint", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            switch (random.Next(3))
            {
                case 0:
                    File.Delete(path);
                    break;
                case 1:
                    byte[] bytes = await File.ReadAllBytesAsync(path);
                    if (bytes.Length > 0) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    await File.WriteAllBytesAsync(path, random.Next(2) == 0 ? bytes : bytes[..random.Next(bytes.Length + 1)]);
                    break;
            }
        }

        await world.StartAsync();
    }

    private static async Task WhileCompactingAsync(Stage stage, Random random)
    {
        var world = (ProcessWorld)stage.World;
        string[] folders = [.. Topics.Compacted.Select(world.FolderOf)];
        long until = Environment.TickCount64 + 2000;
        while (Environment.TickCount64 < until && !folders.Any(static folder => Directory.EnumerateFiles(folder, "*.compacted").Any())) await Task.Delay(1, stage.Ending);
        await ClientFaults.RestartAfterKillAsync(stage);
    }

    private static async Task AnotherAsync(Stage stage, Random random)
    {
        if (!await stage.World.RefusesAnotherAsync()) stage.Ledger.Violate("two brokers had one folder", stage.World.GetType().Name);
    }
}
