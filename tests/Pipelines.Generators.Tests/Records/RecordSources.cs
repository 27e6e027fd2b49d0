namespace Pipelines.Generators.Tests.Records;

/// <summary>Records whose codecs are kept as golden files.</summary>
internal static class RecordSources
{
    /// <summary>Every shape that a member can have, in MessagePack; the part is written in JSON too.</summary>
    public const string Orders = """
        namespace Shop;

        public enum Currency : byte { Euro, Dollar }

        public readonly partial record struct Line(string Article, int Count, decimal? Price);

        [Topic("orders")]
        public readonly partial record struct Order(
            [Key] Guid Id, [EventTime] DateTimeOffset At, Currency Currency, Text Note, string? Coupon, Line First, Line? Gift, Line[] Lines, IReadOnlyList<string> Tags, byte[] Signature)
        {
            public bool IsPaid { get; init; }
            public int Twice => 2;
        }
        """;

    /// <summary>JSON, with a key of two members.</summary>
    public const string Alerts = """
        namespace Shop;

        [Table("alerts", Format = Format.Json)]
        public readonly partial record struct Alert([Key] string Host, [Key] int Port, long? Count, DateTimeOffset At, string[] Words);
        """;

    /// <summary>Text, whose key is a number.</summary>
    public const string Lines = """
        [Topic("lines", Format = Format.Text)]
        public readonly partial record struct NumberedLine([Key] int? Number, Text Content);
        """;

    /// <summary>State: a struct, and a nullable number.</summary>
    public const string States = """
        namespace Shop;

        [Topic("clicks")] public readonly partial record struct Click([Key] long User, double Weight);

        public partial struct Average { public double Sum; public long Count { get; set; } }

        [Detector("averages")]
        public static partial class Averages
        {
            public static void On(in Click click, ref Average average, ref DateTimeOffset? last) { average.Sum += click.Weight; average.Count++; }
        }
        """;
}
