using System.Runtime.InteropServices;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>The places of a machine in a group.</summary>
public sealed class InstanceSlotTests
{
    private static readonly string[][] Topics = [["a", "c"], ["b"]];
    private readonly string group = $"slots-{Guid.NewGuid():N}";

    [Fact]
    public void Each_process_has_its_own_and_who_comes_next_takes_what_was_left()
    {
        using InstanceSlot first = Take();
        InstanceSlot second = Take();
        using InstanceSlot third = Take();
        Assert.Equal(3, new[] { first.Name, second.Name, third.Name }.Distinct().Count());

        second.Dispose();
        using InstanceSlot next = Take();
        Assert.Equal(second.Name, next.Name);
    }

    [Fact]
    public void Groups_do_not_share_them()
    {
        using InstanceSlot here = Take();
        using InstanceSlot there = InstanceSlot.TryTake(new GroupSubscription(group + "-other", Topics))!;
        Assert.Equal(here.Name, there.Name);
    }

    [Fact]
    public void Who_reads_other_topics_than_the_one_before_is_another_member()
    {
        InstanceSlot before = Take();
        before.Dispose();
        using (InstanceSlot same = InstanceSlot.TryTake(new GroupSubscription(group, [["b"], ["c", "a"]]))!) Assert.Equal(before.Name, same.Name);
        using InstanceSlot other = InstanceSlot.TryTake(new GroupSubscription(group, [["a", "b", "c"]]))!;
        Assert.NotEqual(before.Name, other.Name);
    }

    [Fact]
    public void Its_name_has_no_hyphen_as_those_end_the_name_of_the_application()
    {
        using InstanceSlot slot = Take();
        Assert.Matches("^[A-Za-z0-9._]+_0$", slot.Name);
        Assert.True(slot.Name.Length < 150, slot.Name);
    }

    private InstanceSlot Take()
    {
        InstanceSlot? slot = InstanceSlot.TryTake(new GroupSubscription(group, Topics));
        Assert.True(slot is not null || !RuntimeInformation.IsOSPlatform(OSPlatform.Linux));
        return slot!;
    }
}
