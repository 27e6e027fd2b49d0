using Pipelines.Kafka.Tests.Brokers;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka.Tests;

/// <content>Members with names of the user's, which come back within their sessions (KIP-345).</content>
public sealed partial class SeamTests
{
    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_leader_that_comes_back_for_other_topics_gets_those(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        (GroupSubscription both, PartitionId[] all) = await SubscribeAsync(seam);
        IBroker process = seam.As("a");
        GroupSubscription one = both with { TopicSets = [[all[0].Topic]] };
        GroupSubscription other = both with { TopicSets = [[all[^1].Topic]] };
        int generation;
        await using (IGroupMember former = await process.OpenMemberAsync(one))
        {
            Assert.Equal(all[..4], Sorted(await former.JoinAsync([])));
            generation = GenerationOf(former);
        }

        // The same topics: everything stays as it was.
        await using (IGroupMember same = await process.OpenMemberAsync(one))
        {
            Assert.Equal(all[..4], Sorted(await same.JoinAsync([])));
            Assert.Equal(generation, GenerationOf(same));
        }

        await using IGroupMember next = await process.OpenMemberAsync(other);
        Assert.Equal(all[4..], Sorted(await next.JoinAsync([])));
        Assert.Equal(generation + 1, GenerationOf(next));
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Clusters))]
    public async Task A_follower_that_comes_back_for_more_topics_gets_its_part_of_them(SeamKind kind)
    {
        await using SeamBroker seam = await SeamBroker.StartAsync(kind);
        (GroupSubscription both, PartitionId[] all) = await SubscribeAsync(seam);
        GroupSubscription one = both with { TopicSets = [[all[0].Topic]] };
        GroupSubscription each = both with { TopicSets = [[all[0].Topic], [all[^1].Topic]] };
        await using IGroupMember leader = await seam.As("leader").OpenMemberAsync(one);
        PartitionId[] kept = Sorted(await leader.JoinAsync([]));
        IBroker process = seam.As("follower");
        PartitionId[] taken;
        await using (IGroupMember former = await process.OpenMemberAsync(one))
        {
            Task<IReadOnlyList<PartitionId>?> joining = former.JoinAsync([]).AsTask();
            Assert.True(await leader.ChangedAsync());
            kept = Sorted(await leader.JoinAsync(kept));
            Assert.Empty((await joining)!);
            Task<IReadOnlyList<PartitionId>?> released = leader.JoinAsync(kept).AsTask();
            Assert.True(await former.ChangedAsync());
            taken = Sorted(await former.JoinAsync([]));
            Assert.Equal(kept, Sorted(await released));
            Assert.Equal(all[..4], Sorted([.. kept, .. taken]));
        }

        int generation = GenerationOf(leader);
        await using (IGroupMember same = await process.OpenMemberAsync(one))
        {
            Assert.Equal(taken, Sorted(await same.JoinAsync([])));
            Assert.Equal(generation, GenerationOf(same));
        }

        await using IGroupMember next = await process.OpenMemberAsync(each);
        Task<IReadOnlyList<PartitionId>?> back = next.JoinAsync([]).AsTask();
        Task<bool> changed = leader.ChangedAsync().AsTask();
        Assert.Same(changed, await Task.WhenAny(changed, back));
        Assert.Equal(kept, Sorted(await leader.JoinAsync(kept)));
        PartitionId[] given = Sorted(await back);
        Assert.Equal((PartitionId[])[.. taken, .. all[4..]], given);
    }

    private static int GenerationOf(IGroupMember member) => ((KafkaGroupMember)member).Claim.Generation;
}
