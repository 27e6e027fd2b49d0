using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>Windows behind a topic of the deployment's own, whose partitions two workers share: each partition's time is the least of all tasks that write to it, in either process.</summary>
public sealed class TimeAcrossWorkersTests
{
    private const int Values = 12;

    [Theory(Timeout = 240_000), MemberData(nameof(WorkerGroupTests.Clusters), MemberType = typeof(WorkerGroupTests))]
    public async Task Windows_close_in_both_workers_though_partitions_are_idle_and_one_worker_dies(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind, "tally");
        await using WorkerProcess first = await scene.RunAsync();
        await using WorkerProcess second = await scene.RunAsync();
        // Each has two partitions of the input, and two of the topic between.
        await Scene.UntilAsync(() => first.Held == Scene.Partitions && second.Held == Scene.Partitions, "the partitions are shared");
        await using var feed = await Feed.StartAsync(scene);

        // Every partition of the input has records of every window.
        for (int window = 0; window < 4; window++)
        {
            await feed.SendAsync(window, Enumerable.Range(0, Scene.Partitions));
            await DrainAsync(first, second);
        }

        await feed.ClosedAsync(3);

        // Those of one worker have none any more: the windows of both workers close all the same.
        int[] ofFirst = [.. first.Worker.Deployments.Single().Positions.Where(position => position.Topic == scene.Input).Select(static position => position.Partition)];
        Assert.Equal(2, ofFirst.Length);
        for (int window = 4; window < 7; window++)
        {
            await feed.SendAsync(window, ofFirst);
            await DrainAsync(first, second);
        }

        await feed.ClosedAsync(6);

        // They come back where the others are by now, and nothing of theirs is late.
        for (int window = 7; window < 9; window++)
        {
            await feed.SendAsync(window, Enumerable.Range(0, Scene.Partitions));
            await DrainAsync(first, second);
        }

        await feed.ClosedAsync(8);

        // The tasks of one that dies are the other's, and so is their time.
        await feed.SendAsync(9, Enumerable.Range(0, Scene.Partitions));
        await second.Broker.DieAsync();
        await Scene.UntilAsync(() => first.Held == 2 * Scene.Partitions, "the first worker has all partitions");
        await first.Worker.DrainAsync();
        for (int window = 10; window < 13; window++)
        {
            await feed.SendAsync(window, Enumerable.Range(0, Scene.Partitions));
            await first.Worker.DrainAsync();
        }

        await feed.ClosedAsync(12);
        Assert.Empty(await ReadAsync(scene, $"{scene.Name}.dead-letters", partitions: 1));
    }

    /// <summary>Twice: what one has passed on is the other's.</summary>
    private static async Task DrainAsync(WorkerProcess one, WorkerProcess other)
    {
        for (int i = 0; i < 2; i++)
        {
            await one.Worker.DrainAsync();
            await other.Worker.DrainAsync();
        }
    }

    private static async Task<List<(long Start, int Value, long Count)>> ReadAsync(Scene scene, string topic, int partitions)
    {
        var read = new List<(long, int, long)>();
        for (int partition = 0; partition < partitions; partition++)
        {
            await new RecordReader(scene.Broker, topic, partition).ReadToEndAsync((batch, entry) =>
            {
                Tallied.Read(batch.Bytes, in entry, out Tallied tallied);
                read.Add((tallied.StartMs, tallied.Value, tallied.Count));
            });
        }

        return read;
    }

    /// <summary>Sends to partitions of the input, and knows what has to come of it.</summary>
    private sealed class Feed(Scene scene, RecordWriter writer) : IAsyncDisposable
    {
        private readonly Dictionary<(long Start, int Value), long> expected = [];
        private readonly Dictionary<int, string> keys = [];

        public static async Task<Feed> StartAsync(Scene scene)
        {
            RecordWriter writer = await RecordWriter.OpenAsync(scene.Broker, $"{scene.Name}-feeder");
            await writer.PrepareAsync(scene.Input, Scene.Partitions);
            var feed = new Feed(scene, writer);
            await feed.FindKeysAsync();
            return feed;
        }

        /// <summary>Sends records of a window: every value once to each partition, from the window's beginning to its end.</summary>
        public async Task SendAsync(int window, IEnumerable<int> partitions)
        {
            foreach (int partition in partitions)
            {
                for (int value = 0; value < Values; value++) Write(keys[partition], value, Start(window) + (value * (Tally.SizeMs - 1) / (Values - 1)));
            }

            await writer.CommitAsync();
        }

        /// <summary>Waits until all windows before one have closed, and compares: each has closed once, with all of its records; the one itself is open.</summary>
        public async Task ClosedAsync(int window)
        {
            (long Start, int Value, long Count)[] wanted = [.. expected.Where(one => one.Key.Start < Start(window)).Select(static one => (one.Key.Start, one.Key.Value, one.Value)).Order()];
            List<(long Start, int Value, long Count)> closed = [];
            for (int tries = 0; tries < 600; tries++)
            {
                closed = await ReadAsync(scene, scene.Topic("tallied"), Scene.Partitions);
                if (closed.Count >= wanted.Length) break;
                await Task.Delay(50);
            }

            Assert.Equal(wanted, closed.Order());
        }

        public ValueTask DisposeAsync() => writer.DisposeAsync();

        private static long Start(int window) => Scene.FirstTime + (window * Tally.SizeMs);

        /// <summary>A key of each partition; those that are tried out are records of the first window too.</summary>
        private async Task FindKeysAsync()
        {
            for (int i = 0; i < 40; i++) Write($"key-{i}", 0, Start(0));
            await writer.CommitAsync();
            for (int partition = 0; partition < Scene.Partitions; partition += keys.ContainsKey(partition) ? 1 : 0)
            {
                await new RecordReader(scene.Broker, scene.Input, partition).ReadToEndAsync((batch, entry) =>
                {
                    Number.Read(batch.Bytes, in entry, out Number number);
                    keys[partition] = number.Key;
                });
            }
        }

        private void Write(string key, int value, long timeMs)
        {
            scene.Write(writer, new Number(key, value), timeMs);
            (long, int) window = (timeMs - (timeMs % Tally.SizeMs), value);
            expected[window] = expected.GetValueOrDefault(window) + 1;
        }
    }
}
