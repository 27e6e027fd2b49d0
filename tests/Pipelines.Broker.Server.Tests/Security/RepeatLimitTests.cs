using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Pipelines.Broker.Server.Security;

namespace Pipelines.Broker.Server.Tests.Security;

public sealed class RepeatLimitTests
{
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public void One_of_a_kind_passes_in_a_while_and_tells_how_many_did_not()
    {
        var limit = new RepeatLimit(clock);
        Assert.True(limit.TryPass("a", out int skipped));
        Assert.Equal(0, skipped);
        for (int i = 0; i < 5; i++) Assert.False(limit.TryPass("a", out _));
        Assert.True(limit.TryPass("b", out _));
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.True(limit.TryPass("a", out skipped));
        Assert.Equal(5, skipped);
        Assert.False(limit.TryPass("a", out _));
    }

    [Fact]
    public void Names_that_are_made_up_do_not_fill_the_log()
    {
        var limit = new RepeatLimit(clock);
        int passed = Enumerable.Range(0, 5000).Count(i => limit.TryPass(i.ToString(CultureInfo.InvariantCulture), out _));
        Assert.InRange(passed, 1000, 1001);
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.True(limit.TryPass("new", out _));
    }
}
