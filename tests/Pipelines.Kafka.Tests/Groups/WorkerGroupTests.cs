using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>Two workers share the partitions of a topic, come, go, die and come back, while records are counted: each once, by whoever has its partition.</summary>
public sealed class WorkerGroupTests
{
    private const int Partitions = Scene.Partitions;

    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Who_comes_takes_half_and_who_goes_gives_it_back(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using WorkerProcess first = await scene.RunAsync();
        await scene.SendAsync(1_000);
        Assert.Equal(Partitions, first.Held);
        await using (WorkerProcess second = await scene.RunAsync())
        {
            await Scene.UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
            await scene.SendAsync(1_000);
            await scene.CountedAsync();
            Assert.True(second.Worker.Deployments.Single().RecordCount > 0);
            await scene.SendAsync(1_000);
        }

        await Scene.UntilAsync(() => first.Held == Partitions, "the first worker has all partitions again");
        await scene.SendAsync(1_000);
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Who_dies_is_replaced_when_its_session_is_over(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using WorkerProcess first = await scene.RunAsync();
        await using WorkerProcess second = await scene.RunAsync();
        await Scene.UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
        await scene.SendAsync(2_000);
        await second.Broker.DieAsync();
        await scene.SendAsync(2_000);
        await Scene.UntilAsync(() => first.Held == Partitions, "the first worker has all partitions");
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Who_comes_back_after_its_session_commits_nothing_of_before(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using WorkerProcess first = await scene.RunAsync();
        await using WorkerProcess second = await scene.RunAsync();
        await Scene.UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
        await scene.SendAsync(500);
        await scene.CountedAsync();
        await second.Broker.StandStillAsync();
        // The one that stands still has read and handled its part of these, and is about to commit it.
        await scene.SendAsync(2_000);
        await Scene.UntilAsync(() => first.Held == Partitions, "the first worker has all partitions");
        await scene.CountedAsync();
        second.Broker.GoOn();
        await Scene.UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the one that came back is a member again");
        await scene.SendAsync(500);
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Members_that_come_and_go_all_the_time_lose_and_repeat_nothing(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using WorkerProcess stays = await scene.RunAsync();
        for (int round = 0; round < 4; round++)
        {
            Task sending = scene.SendAsync(1_500);
            await using WorkerProcess comes = await scene.RunAsync();
            await sending;
            await Task.Delay(50 * round);
        }

        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_static_member_is_back_at_once_and_whoever_has_its_name_too_ends(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        WorkerProcess before = await scene.RunAsync("one");
        await scene.SendAsync(500);
        await scene.CountedAsync();
        await before.DisposeAsync();
        await using WorkerProcess after = await scene.RunAsync("one");
        await scene.SendAsync(500);
        await scene.CountedAsync();
        await using WorkerProcess twin = await scene.RunAsync("one");
        BrokerException fenced = await Assert.ThrowsAsync<BrokerException>(() => after.Worker.Completion);
        Assert.Contains("group.instance.id", fenced.Message, StringComparison.Ordinal);
        await scene.SendAsync(500);
        await scene.CheckAsync();
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task Without_transactions_a_death_repeats_records_at_most(SeamKind kind)
    {
        await using Scene scene = await Scene.StartAsync(kind);
        await using WorkerProcess first = await scene.RunAsync(guarantee: "at_least_once");
        await using WorkerProcess second = await scene.RunAsync(guarantee: "at_least_once");
        await Scene.UntilAsync(() => first.Held == Partitions / 2 && second.Held == Partitions / 2, "the partitions are shared");
        await scene.SendAsync(2_000);
        // Nothing has failed yet, so nothing is repeated.
        await scene.CheckAsync();
        await second.Broker.DieAsync();
        await scene.SendAsync(2_000);
        await Scene.UntilAsync(() => first.Held == Partitions, "the first worker has all partitions");
        await scene.NoneIsLostAsync();
    }
}
