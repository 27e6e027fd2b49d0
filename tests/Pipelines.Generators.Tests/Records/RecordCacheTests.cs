using System.Globalization;

namespace Pipelines.Generators.Tests.Records;

/// <summary>What an edit of a record costs, and what its fingerprint notices.</summary>
public sealed class RecordCacheTests
{
    private static readonly string[] Files = [RecordSources.Orders, RecordSources.Alerts, RecordSources.Lines, RecordSources.States];

    [Fact]
    public void A_new_member_makes_only_its_own_codec_anew()
    {
        GeneratorHarness first = GeneratorHarness.Run("Sample", Files);
        GeneratorHarness second = first.Edit(RecordSources.Alerts.Replace("string[] Words", "string[] Words, int Level", StringComparison.Ordinal), file: 1);
        Assert.NotEqual(first.Generated["Shop.Alert.Codec.g.cs"], second.Generated["Shop.Alert.Codec.g.cs"]);
        Assert.Equal(["Shop.Alert.Codec.g.cs"], Changed(first, second));
    }

    [Fact]
    public void A_body_edit_in_a_record_reuses_every_codec()
    {
        GeneratorHarness first = GeneratorHarness.Run("Sample", Files);
        GeneratorHarness second = first.Edit(RecordSources.Orders.Replace("Twice => 2", "Twice => 3", StringComparison.Ordinal));
        Assert.True(second.Reused(RecordGenerator.CodedTypesStep));
        Assert.True(second.TookSourcesFrom(first));
    }

    [Fact]
    public void A_part_that_changes_changes_the_fingerprint_of_what_holds_it()
    {
        GeneratorHarness first = GeneratorHarness.Run("Sample", Files);
        GeneratorHarness second = first.Edit(RecordSources.Orders.Replace("int Count", "long Count", StringComparison.Ordinal));
        Assert.Equal(["Shop.Line.Codec.g.cs", "Shop.Order.Codec.g.cs"], Changed(first, second));
    }

    [Theory]
    [InlineData("public int Value;", "public int Value => 1;")]
    [InlineData("public int Value { get; set; }", "public int Value { get => 1; set { } }")]
    public void A_member_that_stops_holding_a_value_is_noticed(string before, string after)
    {
        const string Source = "public partial struct Part { public long Kept; VALUE } [Topic(\"t\")] public readonly partial record struct R([Key] long Id, Part Part);";
        GeneratorHarness first = GeneratorHarness.Run(Source.Replace("VALUE", before, StringComparison.Ordinal));
        GeneratorHarness second = first.Edit(Source.Replace("VALUE", after, StringComparison.Ordinal));
        Assert.Contains("record.Value", first.Generated["Part.Codec.g.cs"], StringComparison.Ordinal);
        Assert.DoesNotContain("record.Value", second.Generated["Part.Codec.g.cs"], StringComparison.Ordinal);
    }

    /// <summary>Stored logs carry fingerprints: this one was computed once, and every machine has to agree.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("tr-TR")]
    [InlineData("de-DE")]
    public void Fingerprints_are_the_same_everywhere(string culture)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.Contains("\"35c1036a1feab40a\"", GeneratorHarness.Run(RecordSources.Orders).Generated["Shop.Order.Codec.g.cs"], StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("int Value", "long Value")]
    [InlineData("int Value", "int Other")]
    [InlineData("int Value", "int? Value")]
    [InlineData("int Value", "[Key] int Value")]
    [InlineData("int Value", "int Value, int More")]
    [InlineData("long At", "[EventTime] long At")]
    [InlineData("int X", "long X")]
    [InlineData("Tint : byte", "Tint : int")]
    [InlineData("[Topic(\"t\")]", "[Table(\"t\")]")]
    [InlineData("[Topic(\"t\")]", "[Topic(\"t\", Format = Format.Json)]")]
    public void A_fingerprint_changes_with_what_is_written(string before, string after)
    {
        const string Source = "public enum Tint : byte { Red } public readonly partial record struct P(int X); [Topic(\"t\")] public readonly partial record struct R([Key] long Id, int Value, long At, List<P[]> Parts, Tint Tint);";
        Assert.NotEqual(FingerprintOf(Source), FingerprintOf(Source.Replace(before, after, StringComparison.Ordinal)));
    }

    private static string FingerprintOf(string source)
    {
        object schema = GeneratorHarness.Run(source).Load().GetType("R")!.GetProperty("Schema")!.GetValue(null)!;
        return Assert.IsType<RecordSchema>(schema).Fingerprint;
    }

    private static IEnumerable<string> Changed(GeneratorHarness first, GeneratorHarness second) =>
        second.Generated.Where(file => first.Generated[file.Key] != file.Value).Select(static file => file.Key).OrderBy(static name => name, StringComparer.Ordinal);
}
