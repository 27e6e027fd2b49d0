using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka.Tests;

/// <content>Membership of groups.</content>
public sealed partial class SeamTests
{
    public static TheoryData<SeamKind> Clusters => [SeamKind.Shipped, SeamKind.ApacheKafka];

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task A_member_that_is_alone_gets_everything_and_goes_on_after_it_was_lost(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        (GroupSubscription subscription, PartitionId[] all) = await SubscribeAsync(seam);
        await using IGroupMember member = await seam.Broker.OpenMemberAsync(subscription);
        Assert.NotEmpty(member.Name);
        Assert.Equal(all, Sorted(await member.JoinAsync([])));
        // Nothing changes by itself; joining again changes nothing either.
        Task<bool> changed = member.ChangedAsync().AsTask();
        Assert.NotSame(changed, await Task.WhenAny(changed, Task.Delay(300)));
        Assert.Equal(all, Sorted(await member.JoinAsync(all)));
        member.Lose();
        Assert.False(await member.ChangedAsync());
        Assert.Equal(all, Sorted(await member.JoinAsync([])));
        Task<bool> last = member.ChangedAsync().AsTask();
        await member.LeaveAsync();
        await last;
    }

    [Theory(Timeout = 120_000), MemberData(nameof(All))]
    public async Task Offsets_without_a_transaction_are_there_for_groups_without_members(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        string topic = SeamBroker.Unique("mirror");
        string group = SeamBroker.Unique("group");
        await seam.Broker.CreateTopicAsync(topic, 2, isCompacted: false);
        await seam.Broker.CommitOffsetsAsync(group, [new OffsetCommit(topic, 0, 5), new OffsetCommit(topic, 1, 6)]);
        Assert.Equal(5, await seam.Broker.GetCommittedOffsetAsync(group, topic, 0));
        Assert.Equal(6, await seam.Broker.GetCommittedOffsetAsync(group, topic, 1));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_second_member_gets_its_part_when_the_first_has_released_it(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        (GroupSubscription subscription, PartitionId[] all) = await SubscribeAsync(seam);
        await using IGroupMember first = await seam.Broker.OpenMemberAsync(subscription);
        await using IGroupMember second = await seam.Broker.OpenMemberAsync(subscription);
        Assert.NotEqual(first.Name, second.Name);
        Assert.Equal(all, Sorted(await first.JoinAsync([])));
        Task<IReadOnlyList<PartitionId>?> joining = second.JoinAsync([]).AsTask();
        Assert.True(await first.ChangedAsync());
        PartitionId[] kept = Sorted(await first.JoinAsync(all));
        Assert.Equal(all.Length / 2, kept.Length);
        // Topics that are read together: the same numbers of both.
        Assert.Equal(2, kept.Select(static partition => partition.Partition).Distinct().Count());
        // The first holds the rest still.
        Assert.Empty((await joining)!);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        PartitionId leaving = all.First(partition => !kept.Contains(partition));
        await CommitAsync(producer, subscription.Group, first, leaving, 7);
        Task<IReadOnlyList<PartitionId>?> released = first.JoinAsync(kept).AsTask();
        Assert.True(await second.ChangedAsync());
        PartitionId[] taken = Sorted(await second.JoinAsync([]));
        Assert.Equal(kept, Sorted(await released));
        Assert.Equal(all, Sorted([.. kept, .. taken]));
        Assert.Equal(7, await seam.Broker.GetCommittedOffsetAsync(subscription.Group, leaving.Topic, leaving.Partition));
        // Who leaves gives back at once.
        await second.LeaveAsync();
        Assert.True(await first.ChangedAsync());
        Assert.Equal(all, Sorted(await first.JoinAsync(kept)));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_member_that_is_out_of_the_group_cannot_commit(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        (GroupSubscription subscription, PartitionId[] all) = await SubscribeAsync(seam);
        await using IGroupMember member = await seam.Broker.OpenMemberAsync(subscription);
        await member.JoinAsync([]);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        await CommitAsync(producer, subscription.Group, member, all[0], 1);
        await member.LeaveAsync();
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(() => CommitAsync(producer, subscription.Group, member, all[0], 2));
        Assert.True(refused.IsGroupLost);
        await using IGroupMember next = await seam.Broker.OpenMemberAsync(subscription);
        Assert.Equal(all, Sorted(await next.JoinAsync([])));
        await using ITransactionalProducer other = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        await CommitAsync(other, subscription.Group, next, all[0], 3);
        Assert.Equal(3, await seam.Broker.GetCommittedOffsetAsync(subscription.Group, all[0].Topic, all[0].Partition));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_commit_on_its_way_while_the_group_changes_goes_through(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        (GroupSubscription subscription, PartitionId[] all) = await SubscribeAsync(seam);
        await using IGroupMember member = await seam.Broker.OpenMemberAsync(subscription);
        await member.JoinAsync([]);
        await using ITransactionalProducer producer = await seam.Broker.OpenProducerAsync(SeamBroker.Unique("id"));
        for (int round = 1; round <= 20; round++)
        {
            // Each join of the only member begins a generation; commits hit every moment of it.
            Task<IReadOnlyList<PartitionId>?> joining = member.JoinAsync(all).AsTask();
            await CommitAsync(producer, subscription.Group, member, all[0], round);
            Assert.Equal(all, Sorted(await joining));
        }

        Assert.Equal(20, await seam.Broker.GetCommittedOffsetAsync(subscription.Group, all[0].Topic, all[0].Partition));
    }

    private static async Task<(GroupSubscription Subscription, PartitionId[] All)> SubscribeAsync(SeamBroker seam)
    {
        string one = SeamBroker.Unique("one");
        string other = SeamBroker.Unique("other");
        foreach (string topic in (string[])[one, other]) await seam.Broker.CreateTopicAsync(topic, 4, isCompacted: false);
        PartitionId[] all = Sorted([.. Enumerable.Range(0, 4).SelectMany(partition => (PartitionId[])[new(one, partition), new(other, partition)])]);
        return (new GroupSubscription(SeamBroker.Unique("group"), [[one, other]]), all);
    }

    private static PartitionId[] Sorted(IReadOnlyList<PartitionId>? partitions) =>
        [.. partitions!.OrderBy(static partition => partition.Topic, StringComparer.Ordinal).ThenBy(static partition => partition.Partition)];

    private static async Task CommitAsync(ITransactionalProducer producer, string group, IGroupMember member, PartitionId partition, long offset)
    {
        var transaction = new BrokerTransaction { Group = group, Member = member };
        transaction.Offsets.Add(new OffsetCommit(partition.Topic, partition.Partition, offset));
        await producer.CommitAsync(transaction);
    }
}
