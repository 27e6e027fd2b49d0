namespace Pipelines.Kafka.Tests.Messages;

/// <summary>docs/kafka.md.</summary>
internal static class Page
{
    internal static string[] Read()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pipelines.sln"))) folder = folder.Parent!;
        return File.ReadAllLines(Path.Combine(folder.FullName, "docs", "kafka.md"));
    }
}
