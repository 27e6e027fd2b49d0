using Pipelines.Detectors.Tests.Programs;
using Pipelines.Testing;

namespace Pipelines.Detectors.Tests;

/// <summary>State as a test sees it.</summary>
public sealed class StateTests
{
    private static readonly DateTimeOffset Noon = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_windows_state_is_there_until_it_closes_and_after_a_restart(int partitions)
    {
        TestDriver driver = ProgramTests.Driver(partitions);
        var attempt = new Attempt("4711", 1m, Noon);
        driver.Send(in attempt);
        driver.Send(attempt with { At = Noon.AddSeconds(1) });
        Assert.Equal(2, driver.State<long, Attempt>("possible-fraud/attempts", in attempt, Noon));
        Assert.Null(driver.State<long, Attempt>("possible-fraud/attempts", attempt with { CardNumber = "other" }, Noon));
        driver.Restart();
        Assert.Equal(2, driver.State<long, Attempt>("possible-fraud/attempts", in attempt, Noon));
        driver.AdvanceTo(Noon.AddMinutes(1));
        Assert.Null(driver.State<long, Attempt>("possible-fraud/attempts", in attempt, Noon));
    }

    [Fact]
    public void A_wrong_question_is_told_what_there_is()
    {
        TestDriver driver = ProgramTests.Driver();
        var attempt = new Attempt("4711", 1m, Noon);
        driver.Send(in attempt);
        Assert.Contains("possible-fraud/attempts", Assert.Throws<InvalidOperationException>(() => driver.State<long, Attempt>("nothing", attempt)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => driver.State<int, Attempt>("possible-fraud/attempts", attempt, Noon));
        Assert.Throws<InvalidOperationException>(() => driver.State<long, Attempt>("possible-fraud/attempts", attempt));
    }
}
