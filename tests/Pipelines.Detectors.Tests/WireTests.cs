using Pipelines.Detectors.Tests.Programs;
using Pipelines.Testing;

namespace Pipelines.Detectors.Tests;

/// <summary>Wires inside a task, and what a failure undoes.</summary>
public sealed class WireTests
{
    private static readonly DateTimeOffset Noon = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_handler_on_a_wire_runs_when_the_one_that_sent_has_returned()
    {
        TestDriver driver = ProgramTests.Driver();
        driver.Send(new Reading("s", 1, Noon));
        driver.Send(new Reading("s", 20, Noon.AddSeconds(7)));
        driver.Send(new Reading("s", 22, Noon.AddSeconds(9)));
        Assert.Equal(
            ["reading", "reading", "change 19 12:00:00", "jump 19", "reading", "change 2 12:00:07"],
            driver.Read<StepSeen>().Select(static step => step.Step));
    }

    [Fact]
    public void A_wire_without_a_time_has_the_time_of_the_wire_it_stems_from()
    {
        TestDriver driver = ProgramTests.Driver();
        driver.Send(new Reading("s", 1, Noon));
        driver.Send(new Reading("s", 100, Noon.AddSeconds(7)));
        Assert.Equal(new JumpSeen("1", 1, Noon), Assert.Single(driver.Read<JumpSeen>()));
    }

    [Fact]
    public void A_wire_with_another_key_than_its_record_fails_the_record()
    {
        TestDriver driver = ProgramTests.Driver();
        driver.Send(new Reading("s", 1, Noon));
        driver.Send(new Reading("s", 13, Noon.AddSeconds(1)));
        driver.Send(new Reading("s", 2, Noon.AddSeconds(2)));
        DeadLetter letter = Assert.Single(driver.DeadLetters);
        Assert.Equal(("sensors", "On", 1L), (letter.Detector, letter.Handler, letter.Offset));
        Assert.Contains("was sent with another key", letter.Message, StringComparison.Ordinal);
        Assert.Equal(["reading", "reading", "change 1 12:00:00"], driver.Read<StepSeen>().Select(static step => step.Step));
    }

    [Fact]
    public void A_failure_in_a_wire_undoes_the_whole_record()
    {
        TestDriver driver = ProgramTests.Driver();
        driver.Send(new Order("a", 2));
        driver.Send(new Order("a", 5));
        driver.Send(new Order("a", 1));
        Assert.Equal([1L, 3L, 4L], driver.Read<PartSeen>().Select(static part => part.Sum));
        DeadLetter letter = Assert.Single(driver.DeadLetters);
        Assert.Equal(("orders", 1L), (letter.Detector, letter.Offset));
        Assert.Equal("The fourth part is missing.", letter.Message);
    }

    [Fact]
    public void A_retried_record_counts_once()
    {
        TestDriver driver = ProgramTests.Driver();
        driver.Send(new Job("a", 3));
        driver.Send(new Job("a", 1));
        Assert.Equal([new Done("a", 1), new Done("a", 2)], driver.Read<Done>());
        Assert.Equal(2, driver.Failures.Count);
        Assert.Empty(driver.DeadLetters);
    }

    [Fact]
    public void A_record_that_does_not_decode_is_a_dead_letter_of_the_first_handler()
    {
        TestDriver driver = ProgramTests.Driver();
        driver.SendBytes("orders", "a"u8.ToArray(), [0xC1]);
        driver.Send(new Order("a", 1));
        Assert.Equal(("orders", "On", 0L), (driver.DeadLetters[0].Detector, driver.DeadLetters[0].Handler, driver.DeadLetters[0].Offset));
        Assert.Single(driver.Read<PartSeen>());
    }

    [Fact]
    public void Ids_are_the_same_on_a_replay()
    {
        Assert.Equal(Ids(), Ids());

        static IEnumerable<string> Ids()
        {
            TestDriver driver = ProgramTests.Driver();
            driver.Send(new Order("a", 3));
            return [.. driver.Read<PartSeen>().Select(static part => part.Name)];
        }
    }
}
