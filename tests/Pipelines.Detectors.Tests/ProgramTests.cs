using Pipelines.Detectors.Tests.Programs;
using Pipelines.Testing;

namespace Pipelines.Detectors.Tests;

/// <summary>The programs of users, as they run: the generated tasks on virtual time.</summary>
public sealed class ProgramTests
{
    private static readonly DateTimeOffset Noon = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<int> Partitions => [1, 3, 8];

    [Fact]
    public void Text_transformer_keeps_lines_with_an_a()
    {
        TestDriver driver = Driver();
        foreach (string text in (string[])["banana", "kiwi", "apple"]) driver.Send(new Line(text));
        Assert.Equal(["BANANA", "APPLE"], driver.Read<Shout>().Select(static shout => shout.Text));
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void Word_count_counts_over_an_internal_topic(int partitions)
    {
        TestDriver driver = Driver(partitions);
        driver.Send(new Line("to be or not to be"));
        driver.Send(new Line("be"));
        Assert.Equal(
            [("be", 3L), ("not", 1L), ("or", 1L), ("to", 2L)],
            driver.Read<WordTotal>().GroupBy(static total => total.Text).Select(static group => (group.Key, group.Max(static total => total.Count))).OrderBy(static total => total.Key, StringComparer.Ordinal));
        driver.Restart();
        driver.Send(new Line("be"));
        Assert.Equal(new WordTotal("be", 4), Assert.Single(driver.Read<WordTotal>()));
    }

    [Fact]
    public void Sum_of_odds_filters_re_keys_and_reduces()
    {
        TestDriver driver = Driver(partitions: 3);
        for (int i = 1; i <= 10; i++) driver.Send(new Number(i, i));
        Assert.Equal(new OddSum(1, 25), driver.Read<OddSum>()[^1]);
    }

    [Fact]
    public void Possible_fraud_is_the_fourth_attempt_within_five_seconds()
    {
        TestDriver driver = Driver();
        for (int i = 0; i < 4; i++) driver.Send(new Attempt("a", 1.5m, Noon.AddSeconds(i)));
        for (int i = 0; i < 4; i++) driver.Send(new Attempt("b", 2m, Noon.AddSeconds(3 + i)));
        Assert.Equal([new Fraud("a", 4, Noon)], driver.Read<Fraud>());
    }

    [Fact]
    public void A_record_behind_the_grace_is_a_dead_letter_and_the_others_go_on()
    {
        TestDriver driver = Driver();
        driver.Send(new Attempt("a", 1m, Noon));
        driver.Send(new Attempt("a", 1m, Noon.AddSeconds(6)));
        driver.Send(new Attempt("late", 1m, Noon.AddSeconds(4)));
        driver.Send(new Attempt("a", 1m, Noon.AddSeconds(5)));
        DeadLetter letter = Assert.Single(driver.DeadLetters);
        Assert.Equal(("possible-fraud", "On", 2L), (letter.Detector, letter.Handler, letter.Offset));
        Assert.Contains("2025-06-01T12:00:00", letter.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vip_actions_look_users_up()
    {
        TestDriver driver = Driver(partitions: 3);
        driver.Send(new User("ann", "Platinum"));
        driver.Send(new User("bob", "Silver"));
        driver.Send(new Click("ann", "/", "buy"));
        driver.Send(new Click("bob", "/", "buy"));
        driver.Send(new Click("eve", "/", "buy"));
        Assert.Equal([new VipAction("ann", "/", "buy")], driver.Read<VipAction>());
        Assert.Equal([new KnownClick("ann", "Platinum"), new KnownClick("bob", "Silver")], driver.Read<KnownClick>().OrderBy(static click => click.UserId, StringComparer.Ordinal));
        driver.Send(new Referral("/sale", "ann"));
        driver.Send(new Referral("/sale", "bob"));
        Assert.Equal([new VipReferral("ann", "/sale")], driver.Read<VipReferral>());
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void Local_sellers_join_two_inputs_in_one_store(int partitions)
    {
        TestDriver driver = Driver(partitions);
        driver.Send(new Auction(100, Seller: 1, Category: 10));
        driver.Send(new Person(1, "Ann", "OR"));
        driver.Send(new Person(2, "Bob", "NY"));
        driver.Send(new Person(3, "Cid", "CA"));
        driver.Send(new Auction(101, Seller: 2, Category: 10));
        driver.Send(new Auction(102, Seller: 3, Category: 10));
        driver.Send(new Auction(103, Seller: 3, Category: 11));
        Assert.Equal([new LocalItem(1, "OR", 100), new LocalItem(3, "CA", 102)], driver.Read<LocalItem>().OrderBy(static item => item.Seller));
    }

    [Fact]
    public void Accounts_are_re_keyed_by_two_members_and_failures_skipped()
    {
        TestDriver driver = Driver(partitions: 3);
        driver.Send(new AccountEvent(Guid.NewGuid(), 7, "north", 50));
        driver.Send(new AccountEvent(Guid.NewGuid(), 7, "south", 5));
        driver.Send(new AccountEvent(Guid.NewGuid(), 7, "north", -500));
        driver.Send(new AccountEvent(Guid.NewGuid(), 7, "north", -20));
        Assert.Equal(
            [new Balance(7, "north", 30, 100), new Balance(7, "north", 50, 100), new Balance(7, "south", 5, 100)],
            driver.Read<Balance>().OrderBy(static balance => balance.Branch, StringComparer.Ordinal).ThenBy(static balance => balance.Amount));
        Assert.Empty(driver.DeadLetters);
        Assert.Single(driver.Failures);
        Assert.Equal(4, driver.Read<ByAccount>().Count);
    }

    [Theory]
    [MemberData(nameof(Partitions))]
    public void Brute_force_counts_closes_and_takes_late_records_alike_on_any_number_of_partitions(int partitions)
    {
        TestDriver driver = Driver(partitions);
        for (int i = 0; i < 5; i++) driver.Send(Failure("host", "1.2.3.4", i));
        for (int i = 0; i < 3; i++) driver.Send(Failure("host", "5.6.7.8", 10 + i));
        Assert.Equal([new Alert("1.2.3.4", Noon, 4)], driver.Read<Alert>());
        driver.Send(new Syslog("host", "Invalid user admin", Noon.AddSeconds(80)));
        driver.Send(Failure("host", "9.9.9.9", 30));
        Assert.Equal(new InvalidUser("host", "admin"), Assert.Single(driver.Read<InvalidUser>()));
        LateFailure late = Assert.Single(driver.Read<LateFailure>());
        Assert.Equal(("9.9.9.9", "failed-by-address", Noon.AddSeconds(30)), (late.Address, late.Host, late.At));
        driver.AdvanceTo(Noon.AddMinutes(5));
        Assert.Equal(
            [new Total("1.2.3.4", 5, Noon, Noon.AddSeconds(60).AddMilliseconds(-1)), new Total("5.6.7.8", 3, Noon, Noon.AddSeconds(60).AddMilliseconds(-1))],
            driver.Read<Total>().OrderBy(static total => total.Address, StringComparer.Ordinal));
        Assert.Empty(driver.DeadLetters);

        static Syslog Failure(string host, string address, int second) => new(host, $"Failed password from {address}", Noon.AddSeconds(second));
    }

    [Fact]
    public void Windows_of_closed_windows_are_not_late()
    {
        TestDriver driver = Driver();
        for (int minute = 0; minute < 130; minute++) driver.Send(new Reading("s", 1, Noon.AddMinutes(minute)));
        driver.AdvanceTo(Noon.AddHours(4));
        Assert.Equal(
            [new HourTotal("s", 60, Noon), new HourTotal("s", 60, Noon.AddHours(1)), new HourTotal("s", 10, Noon.AddHours(2))],
            driver.Read<HourTotal>());
        Assert.Empty(driver.DeadLetters);
    }

    internal static TestDriver Driver(int partitions = 1) => TestDriver.For(typeof(ProgramTests).Assembly, partitions, new Services(), Noon);

    private sealed class Services : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(Balances) ? new Balances(new AccountLimits(100)) : serviceType == typeof(Jobs) ? new Jobs() : null;
    }
}
