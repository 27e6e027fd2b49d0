namespace Pipelines.Generators.Tests.Detectors;

/// <summary>The programs that must read well, as users write them.</summary>
internal static class Programs
{
    internal const string TextTransformer = """
        namespace Programs;

        [Topic("text-input", Format = Format.Text)] public readonly partial record struct Line(string Text);
        [Topic("text-output", Format = Format.Text)] public readonly partial record struct Shout(string Text);

        [Detector("text-transformer")]
        public static partial class TextTransformer
        {
            public static void On(in Line line, Emit<Shout> shouts)
            {
                if (line.Text.Contains('a')) shouts.Send(new(line.Text.ToUpperInvariant()));
            }
        }
        """;

    internal const string WordCount = """
        namespace Programs;

        [Topic("text-input", Format = Format.Text)] public readonly partial record struct Line(string Text);
        public readonly partial record struct Word([Key] string Text);
        [Table("word-totals")] public readonly partial record struct WordTotal([Key] string Text, long Count);

        [Detector("word-count")]
        public static partial class WordCount
        {
            public static void Split(in Line line, Emit<Word> words)
            {
                foreach (var text in line.Text.Split(' ')) words.Send(new(text));
            }

            public static void Count(in Word word, ref long count, Emit<WordTotal> totals) => totals.Send(new(word.Text, ++count));
        }
        """;

    internal const string PossibleFraud = """
        namespace Programs;

        [Topic("authorization_attempts")]
        public readonly partial record struct Attempt([Key] string CardNumber, decimal Amount, [EventTime] DateTimeOffset At);
        [Topic("possible_fraud")]
        public readonly partial record struct Fraud([Key] string CardNumber, long Attempts, DateTimeOffset From);

        [Detector("possible-fraud")]
        public static partial class PossibleFraud
        {
            [Tumbling("5s", Grace = "1s")]
            public static void On(in Attempt attempt, ref long attempts, in Window window, Emit<Fraud> fraud)
            {
                if (++attempts == 4) fraud.Send(new(attempt.CardNumber, attempts, window.Start));
            }
        }
        """;

    internal const string VipActions = """
        namespace Programs;

        [Topic("clicks")] public readonly partial record struct Click([Key] string UserId, string Page, string Action);
        [Table("users")] public readonly partial record struct User([Key] string UserId, string Level);
        [Topic("vip-actions")] public readonly partial record struct VipAction([Key] string UserId, string Page, string Action);
        [Topic("known-clicks")] public readonly partial record struct KnownClick([Key] string UserId, string Level);

        [Detector("vip-actions")]
        public static partial class VipActions
        {
            public static void On(in Click click, in User? user, Emit<VipAction> actions)
            {
                if (user is { Level: "Platinum" }) actions.Send(new(click.UserId, click.Page, click.Action));
            }
        }

        [Detector("known-clicks")]
        public static partial class KnownClicks
        {
            public static void On(in Click click, in User user, Emit<KnownClick> known) => known.Send(new(click.UserId, user.Level));
        }
        """;

    internal const string LocalSellers = """
        namespace Programs;

        [Topic("persons")] public readonly partial record struct Person([Key] long Id, string Name, string State);
        [Topic("auctions")] public readonly partial record struct Auction([Key] long Id, long Seller, int Category);
        [Topic("local-items")] public readonly partial record struct LocalItem([Key] long Seller, string Name, long Auction);
        public partial struct Seller { public bool IsKnown; public bool IsLocal; public long Opened; }

        [Detector("local-sellers")]
        public static partial class LocalSellers
        {
            public static void On(in Person person, ref Seller seller, Emit<LocalItem> items)
            {
                seller.IsKnown = true;
                seller.IsLocal = person.State is "OR" or "ID" or "CA";
                if (seller.IsLocal && seller.Opened != 0) items.Send(new(person.Id, person.Name, seller.Opened));
            }

            public static void On([KeyBy(nameof(Auction.Seller))] in Auction auction, ref Seller seller, Emit<LocalItem> items)
            {
                if (seller.IsLocal) items.Send(new(auction.Seller, "", auction.Id));
                else if (!seller.IsKnown) seller.Opened = auction.Id;
            }
        }
        """;

    internal const string BruteForce = """
        namespace Programs;

        [Topic("syslog")] public readonly partial record struct Syslog([Key] string Host, string Message, [EventTime] DateTimeOffset At);
        public readonly partial record struct Failed([Key] string Address, int Times);
        [Topic("alerts")] public readonly partial record struct Alert([Key] string Address, DateTimeOffset Window, long Count);
        [Topic("late-failures")] public readonly partial record struct LateFailure([Key] string Address, DateTimeOffset At, Guid Id);
        [Topic("totals")] public readonly partial record struct Total([Key] string Address, long Count, DateTimeOffset From);

        [Detector("brute-force", OnError = OnError.Retry, Retries = 2, RetryDelay = "50ms")]
        public static partial class BruteForce
        {
            public static void Read(in Syslog line, Emit<Failed> failed)
            {
                if (line.Message.StartsWith("Failed password from ")) failed.Send(new(line.Message[21..], 1));
            }

            [Tumbling("60s", Grace = "10s")]
            public static void Count(in Failed failure, ref long count, in Window window, Emit<Alert> alerts)
            {
                long before = count;
                count += failure.Times;
                if (before <= 3 && count > 3) alerts.Send(new(failure.Address, window.Start, count));
            }

            [OnLate]
            public static void Late(in Failed failure, in Window window, in RecordInfo info, DetectorClock clock, Emit<LateFailure> late) =>
                late.Send(new(failure.Address, info.EventTime, clock.NewGuid()));

            [OnClose]
            public static void Closed(string address, in Window window, in long count, Emit<Total> totals) =>
                totals.Send(new(address, count, window.Start));
        }
        """;

    internal const string SumOfOdds = """
        namespace Programs;

        [Topic("numbers")] public readonly partial record struct Number([Key] long Id, int Value);
        public readonly partial record struct Odd([Key] int Group, int Value);
        [Table("sum-of-odds")] public readonly partial record struct Sum([Key] int Group, long Value);

        [Detector("sum-of-odds")]
        public static partial class SumOfOdds
        {
            public static void Filter(in Number number, Emit<Odd> odds)
            {
                if (number.Value % 2 != 0) odds.Send(new(1, number.Value));
            }

            public static void Add(in Odd odd, ref long sum, Emit<Sum> sums) => sums.Send(new(odd.Group, sum += odd.Value));
        }
        """;

    internal const string Accounts = """
        namespace Programs;

        [Topic("account-events")] public readonly partial record struct AccountEvent([Key] Guid Id, long Account, string Branch, long Amount);
        [Topic("accounts-by-id")] public readonly partial record struct ByAccount([Key] long Account, string Branch, long Amount);
        [Table("balances")] public readonly partial record struct Balance([Key] long Account, string Branch, long Amount);

        [Detector("accounts-by-id")]
        public static partial class AccountsById
        {
            public static void On(in AccountEvent source, Emit<ByAccount> accounts) => accounts.Send(new(source.Account, source.Branch, source.Amount));
        }

        [Detector("balances")]
        public sealed partial class Balances(TimeProvider time)
        {
            public void On([KeyBy(nameof(AccountEvent.Account), nameof(AccountEvent.Branch))] in AccountEvent change, ref long balance, Emit<Balance> balances)
            {
                _ = time;
                balances.Send(new(change.Account, change.Branch, balance += change.Amount));
            }
        }
        """;

    internal const string Sensors = """
        namespace Programs;

        [Topic("readings")] public readonly partial record struct Reading([Key] string Sensor, long Value, [EventTime] DateTimeOffset At);
        public readonly partial record struct Change([Key] string Sensor, long By, [EventTime] DateTimeOffset Since);
        public readonly partial record struct Jump(long By);
        public readonly partial record struct PerMinute([Key] string Sensor, long Sum);
        [Topic("jumps")] public readonly partial record struct JumpSeen([Key] string Sensor, long Count);
        [Topic("hours")] public readonly partial record struct HourTotal([Key] string Sensor, long Sum, DateTimeOffset Hour);

        [Detector("jumps")]
        public static partial class Jumps
        {
            public static void On(in Reading reading, ref long last, Emit<Change> changes)
            {
                changes.Send(new(reading.Sensor, reading.Value - last, reading.At));
                last = reading.Value;
            }

            public static void On(in Change change, ref long total, Emit<Jump> jumps)
            {
                total += change.By;
                if (Math.Abs(change.By) > 10) jumps.Send(new(change.By));
            }
        }

        [Detector("jump-counts", OnError = OnError.Stop)]
        public static partial class JumpCounts
        {
            public static void On(in Jump jump, ref long count, in RecordInfo info, Emit<JumpSeen> seen) =>
                seen.Send(new(info.Topic, ++count));
        }

        [Detector("hours")]
        public static partial class Hours
        {
            [Tumbling("1m")]
            public static void PerMinute(in Reading reading, ref long minute) => minute += reading.Value;

            [OnClose]
            public static void Minute(string sensor, in long minute, Emit<PerMinute> minutes) => minutes.Send(new(sensor, minute));

            [Tumbling("1h")]
            public static void PerHour(in PerMinute minute, ref long hour) => hour += minute.Sum;

            [OnClose]
            public static void Hour(string sensor, in Window window, in long hour, Emit<HourTotal> totals) => totals.Send(new(sensor, hour, window.Start));
        }
        """;

    internal static readonly (string Name, string Source)[] All =
    [
        (nameof(TextTransformer), TextTransformer),
        (nameof(WordCount), WordCount),
        (nameof(PossibleFraud), PossibleFraud),
        (nameof(VipActions), VipActions),
        (nameof(LocalSellers), LocalSellers),
        (nameof(BruteForce), BruteForce),
        (nameof(SumOfOdds), SumOfOdds),
        (nameof(Accounts), Accounts),
        (nameof(Sensors), Sensors),
    ];
}
