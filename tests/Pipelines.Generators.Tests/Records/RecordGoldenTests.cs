namespace Pipelines.Generators.Tests.Records;

/// <summary>The codecs that are emitted, reviewed like source.</summary>
public sealed class RecordGoldenTests
{
    [Theory]
    [InlineData("OrderCodecs", RecordSources.Orders)]
    [InlineData("AlertCodecs", RecordSources.Alerts)]
    [InlineData("LineCodecs", RecordSources.Lines)]
    [InlineData("StateCodecs", RecordSources.States)]
    public void Codecs_are_as_reviewed(string name, string source)
    {
        GeneratorHarness run = GeneratorHarness.Run(source);
        Assert.NotNull(run.Load());
        GoldenFile.Compare(name, string.Join('\n', run.Generated
            .Where(static file => file.Key.Contains("Codec", StringComparison.Ordinal))
            .OrderBy(static file => file.Key, StringComparer.Ordinal)
            .Select(static file => $"//// {file.Key}\n{file.Value}")));
    }
}
