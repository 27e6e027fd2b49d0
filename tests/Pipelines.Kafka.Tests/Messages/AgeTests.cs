using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>Event times that are older than what topics keep: others' topics are warned of, the pipeline's own are made so that nothing is lost.</summary>
public sealed class AgeTests
{
    private static readonly DateTimeOffset Long = new(2023, 11, 14, 22, 13, 20, TimeSpan.Zero);

    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_record_that_an_output_deletes_at_once_is_warned_of_once(SeamKind kind)
    {
        await using var app = new Application(await SeamBroker.StartAsync(kind), "counter");
        await app.CreateAsync(app.Topic("counted"), 1, "retention.ms=86400000");
        await using Started program = app.Run();
        await program.WorksAsync();
        for (int round = 0; round < 3; round++)
        {
            await app.SendAsync(10, Long);
            await program.Pipelines.Worker.DrainAsync();
        }

        await app.SendAsync(10, TimeProvider.System.GetUtcNow());
        await program.Pipelines.Worker.DrainAsync();
        string line = await program.WaitingAsync($"Topic '{app.Topic("counted")}' deletes what is older than 24 hours (retention.ms=86400000), but a record written to it is of 2023-11-14 22:13:20Z, ");
        Assert.EndsWith($" days ago: Kafka deletes it within minutes, whoever has not read it yet. Run: pipelines topics alter {app.Topic("counted")} --set retention.ms=-1", line, StringComparison.Ordinal);
        Assert.Single(program.Log.All, static line => line.Contains("retention.ms", StringComparison.Ordinal));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_record_that_an_input_deletes_at_once_is_warned_of_once(SeamKind kind)
    {
        await using var app = new Application(await SeamBroker.StartAsync(kind), "counter");
        await app.CreateAsync(app.Topic("numbers"), 1, "retention.ms=604800000");
        await using Started program = app.Run();
        await program.WorksAsync();
        // Within a week and the span of a segment it may have been written in time.
        await app.SendAsync(10, TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(10));
        await program.Pipelines.Worker.DrainAsync();
        Assert.DoesNotContain(program.Log.All, static line => line.Contains("retention.ms", StringComparison.Ordinal));
        await app.SendAsync(10, Long);
        await app.SendAsync(10, Long);
        await program.WaitingAsync($"Topic '{app.Topic("numbers")}' deletes what is older than 7 days (retention.ms=604800000), but a record read from it is of 2023-11-14 22:13:20Z, ");
        await program.Pipelines.Worker.DrainAsync();
        Assert.Single(program.Log.All, static line => line.Contains("retention.ms", StringComparison.Ordinal));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_record_that_an_output_does_not_take_for_its_time_ends_the_program(SeamKind kind)
    {
        await using var app = new Application(await SeamBroker.StartAsync(kind), "counter");
        await app.CreateAsync(app.Topic("counted"), 1, "message.timestamp.before.max.ms=3600000");
        await using Started program = app.Run();
        await program.WorksAsync();
        await app.SendAsync(10, Long);
        string line = await program.RefusedAsync();
        Assert.Contains($"{app.Topic("counted")}/0 does not take a batch: an event time is too far from the broker's clock; set message.timestamp.before.max.ms", line, StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task Topics_that_the_pipeline_makes_lose_nothing_whatever_the_cluster_does_with_others()
    {
        SeamBroker seam = await SeamBroker.StartApacheAsync(
            "log.retention.ms=1000", "log.retention.bytes=1000", "log.cleanup.policy=delete", "log.message.timestamp.type=LogAppendTime", "log.message.timestamp.before.max.ms=3600000");
        await using var app = new Application(seam, "values");
        for (int run = 0; run < 2; run++)
        {
            await using Started program = app.Run();
            await program.WorksAsync();
            await app.SendAsync(200, Long);
            await program.Pipelines.Worker.DrainAsync();
            // Kafka looks every half second here.
            await Task.Delay(3_000);
        }

        foreach (string topic in (string[])[app.Topic("numbers"), app.Passage, app.Topic("counted")])
        {
            Assert.Equal(0, (await seam.Broker.GetRangeAsync(topic, 0)).Start);
            var times = new List<long>();
            await new RecordReader(seam.Broker, topic, 0).ReadToEndAsync((batch, entry) => times.Add(entry.Timestamp));
            Assert.Equal(400, times.Count(static time => time == Long.ToUnixTimeMilliseconds()));
        }

        // The second count of each number shows that the state came back.
        var counts = new List<long>();
        await new RecordReader(seam.Broker, app.Topic("counted"), 0).ReadToEndAsync((batch, entry) =>
        {
            Counted.Read(batch.Bytes, in entry, out Counted counted);
            counts.Add(counted.Count);
        });
        Assert.Equal(200, counts.Count(static count => count == 2));
        TopicPolicy? changelog = await seam.Broker.DescribeTopicAsync(app.Changelog);
        Assert.True(changelog is { IsCompacted: true, Retention: null, RetentionBytes: null });
    }
}
