using System.Runtime.InteropServices;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>The places of a machine in a group.</summary>
public sealed class InstanceSlotTests
{
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
        using InstanceSlot there = InstanceSlot.TryTake(group + "-other")!;
        Assert.Equal(here.Name, there.Name);
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
        InstanceSlot? slot = InstanceSlot.TryTake(group);
        Assert.True(slot is not null || !RuntimeInformation.IsOSPlatform(OSPlatform.Linux));
        return slot!;
    }
}
