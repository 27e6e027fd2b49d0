using Pipelines.Kafka.Tests.Brokers;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>Topics that are missing, or are not what the detectors need, on the shipped broker and on Apache Kafka. Whoever does what the message says can start.</summary>
public sealed class TopicTests
{
    private const string Forever = "retention.ms=-1";

    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task An_input_that_does_not_exist_is_made_with_a_warning_or_asked_for(SeamKind kind)
    {
        await using Application app = await StartAsync(kind, "counter");
        string missing = await app.RefusedAsync(("Pipelines:CreateTopics", "false"), ("Pipelines:DefaultPartitions", "3"));
        Assert.Contains(
            $"Deployment 'counter' reads topic '{app.Topic("numbers")}', but there is no such topic. Create it with: pipelines topics create {app.Topic("numbers")} --partitions 3; or correct the name in [Topic], or set Pipelines:CreateTopics to true.",
            missing,
            StringComparison.Ordinal);
        await app.CreateAsync(app.Topic("numbers"), 3);
        Assert.Contains($"Deployment 'counter' writes topic '{app.Topic("counted")}', but there is no such topic.", await app.RefusedAsync(("Pipelines:CreateTopics", "false")), StringComparison.Ordinal);
        await app.CreateAsync(app.Topic("counted"), 3);
        await using (Started strict = app.Run(("Pipelines:CreateTopics", "false"))) await strict.WorksAsync();

        await using Application other = await StartAsync(kind, "counter");
        await using Started program = other.Run();
        await program.WorksAsync();
        await program.Log.FindAsync($"Warning: Deployment counter reads topic '{other.Topic("numbers")}', which did not exist: it was created with 1 partitions. If the name is wrong, correct it");
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Inputs_with_different_numbers_of_partitions_are_told(SeamKind kind)
    {
        await using Application app = await StartAsync(kind, "owners");
        await app.CreateAsync(app.Topic("numbers"), 4);
        await app.CreateAsync(app.Topic("owners"), 2, "cleanup.policy=compact");
        string line = await app.RefusedAsync();
        Assert.Contains($"needs '{app.Topic("numbers")}' and '{app.Topic("owners")}' to be co-partitioned, but they have 4 and 2 partitions: records of one key would meet in different tasks.", line, StringComparison.Ordinal);
        Assert.Contains($"pipelines topics alter {app.Topic("owners")} --partitions 4, while that one is empty", line, StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task An_input_that_is_made_has_as_many_partitions_as_the_one_it_has_to_match(SeamKind kind)
    {
        SeamBroker seam = await SeamBroker.StartAsync(kind);
        await using var app = new Application(seam, "owners");
        await app.CreateAsync(app.Topic("numbers"), 4);
        await using Started program = app.Run();
        await program.WorksAsync();
        Assert.Equal(4, await seam.Broker.FindTopicAsync(app.Topic("owners")));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Topics_of_its_own_with_the_wrong_number_of_partitions_are_told(SeamKind kind)
    {
        await using Application app = await StartAsync(kind, "values");
        await app.CreateAsync(app.Topic("numbers"), 4);
        await app.CreateAsync(app.Passage, 2, Forever);
        string line = await app.RefusedAsync();
        Assert.Contains($"Internal topic '{app.Passage}' has 2 partitions, but component 'values' runs as 4 tasks.", line, StringComparison.Ordinal);
        Assert.Contains($"stop all workers and delete what was made for the old number, with: pipelines topics delete {app.Passage} {app.Changelog}; state is then built anew.", line, StringComparison.Ordinal);

        await using Application other = await StartAsync(kind, "counter");
        await other.CreateAsync(other.Topic("numbers"), 4);
        await other.CreateAsync(other.Changelog, 2, "cleanup.policy=compact");
        Assert.Contains($"Changelog '{other.Changelog}' has 2 partitions, but the deployment runs as 4 tasks.", await other.RefusedAsync(), StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Topics_that_are_read_back_have_to_keep_the_last_record_of_each_key(SeamKind kind)
    {
        await using Application app = await StartAsync(kind, "values");
        await app.CreateAsync(app.Progress, 1, Forever);
        await app.CreateAsync(app.Changelog, 1, "cleanup.policy=compact,delete", "retention.ms=86400000");
        string progress = await app.RefusedAsync();
        Assert.Contains($"Topic '{app.Progress}' has cleanup.policy=delete, but it is read back at every start and has to keep the last record of each key. Run: pipelines topics alter {app.Progress} --set cleanup.policy=compact", progress, StringComparison.Ordinal);
        await app.MendAsync(progress);
        string changelog = await app.RefusedAsync();
        Assert.Contains($"Topic '{app.Changelog}' has cleanup.policy=compact,delete and retention.ms=86400000 (24 hours), but it is read back at every start and may lose nothing. Run: ", changelog, StringComparison.Ordinal);
        await app.MendAsync(changelog);
        await using Started program = app.Run();
        await program.WorksAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Topics_that_records_go_through_have_to_keep_them_all_and_their_times(SeamKind kind)
    {
        await using Application app = await StartAsync(kind, "values");
        await app.CreateAsync(app.Passage, 1, "cleanup.policy=compact", "message.timestamp.type=LogAppendTime", "message.timestamp.before.max.ms=3600000");
        string compacted = await app.RefusedAsync();
        Assert.Contains($"Topic '{app.Passage}' has cleanup.policy=compact, but every record in it counts", compacted, StringComparison.Ordinal);
        await app.MendAsync(compacted);
        string appended = await app.RefusedAsync();
        Assert.Contains($"Topic '{app.Passage}' has message.timestamp.type=LogAppendTime, so the broker writes its own time over the event times in it.", appended, StringComparison.Ordinal);
        await app.MendAsync(appended);
        await using (Started bounded = app.Run())
        {
            await bounded.WorksAsync();
            await app.MendAsync(await bounded.WaitingAsync($"Topic '{app.Passage}' takes no record whose time is more than 60 minutes ago (message.timestamp.before.max.ms=3600000)"));
        }

        await app.MendAsync($"Run: pipelines topics alter {app.Passage} --set retention.ms=604800000");
        await using (Started forgetful = app.Run())
        {
            await forgetful.WorksAsync();
            await app.MendAsync(await forgetful.WaitingAsync($"Topic '{app.Passage}' has retention.ms=604800000 (7 days), so records may be deleted before they are handled: within minutes, where event times are old."));
        }

        await using Started program = app.Run();
        await program.WorksAsync();
        Assert.DoesNotContain(program.Log.All, line => line.StartsWith("Warning: ", StringComparison.Ordinal) && line.Contains(app.Passage, StringComparison.Ordinal));
    }

    private static async Task<Application> StartAsync(SeamKind kind, string detector) => new(await SeamBroker.StartAsync(kind), detector);
}
