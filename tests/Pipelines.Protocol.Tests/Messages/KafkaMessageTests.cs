using System.Globalization;
using System.Text.Json.Nodes;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Messages;

/// <summary>Random messages of every version, between our codecs and the classes of Apache Kafka.</summary>
public sealed class KafkaMessageTests : IDisposable
{
    private const int Seed = 20261123;
    private const int PerVersion = 20;
    private readonly string folder = Directory.CreateTempSubdirectory("messages").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_Kafka_writes_is_read_with_the_same_values_and_written_with_the_same_bytes()
    {
        Kafka.Require();
        string names = Path.Combine(folder, "names"), written = Path.Combine(folder, "written");
        await File.WriteAllLinesAsync(names, Schema.Parts.Select(static part => part.Name));
        await Kafka.RunAsync(Program, "write", $"{Seed}", $"{PerVersion}", names, written);
        var seen = new HashSet<(string, short)>();
        foreach (Line theirs in await ReadAsync(written))
        {
            MessagePart part = Schema.Part(theirs.Name);
            if (!part.Versions.Contains(theirs.Version)) continue;
            seen.Add((theirs.Name, theirs.Version));
            IMessage message = part.Read(Convert.FromHexString(theirs.Hex), theirs.Version);
            AssertSame(theirs, new Line(theirs.Name, theirs.Version, Convert.ToHexStringLower(part.Write(message, theirs.Version)), MessageJson.Of(part, message, theirs.Version)));
        }

        Assert.Equal(Schema.Parts.Sum(static part => part.Versions.Count()), seen.Count);
    }

    [Fact]
    public async Task What_we_write_is_read_by_Kafka_with_the_same_values_and_written_with_the_same_bytes()
    {
        Kafka.Require();
        var random = new Random(Seed);
        List<Line> ours =
        [
            .. from part in Schema.Parts
               from version in part.Versions
               from i in Enumerable.Range(0, PerVersion)
               let message = new RandomMessage(part, random).Next(version)
               select new Line(part.Name, version, Convert.ToHexStringLower(part.Write(message, version)), MessageJson.Of(part, message, version)),
        ];
        string written = Path.Combine(folder, "written"), answered = Path.Combine(folder, "answered");
        await File.WriteAllLinesAsync(written, ours.Select(static line => $"{line.Name} {line.Version} {line.Hex} {line.Json.ToJsonString()}"));
        await Kafka.RunAsync(Program, "read", written, answered);
        List<Line> theirs = await ReadAsync(answered);
        Assert.Equal(ours.Count, theirs.Count);
        foreach ((Line our, Line their) in ours.Zip(theirs)) AssertSame(our, their);
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Java", "RandomMessages.java");

    private static async Task<List<Line>> ReadAsync(string path) =>
        [.. from line in await File.ReadAllLinesAsync(path)
            let words = line.Split(' ', 4)
            select new Line(words[0], short.Parse(words[1], CultureInfo.InvariantCulture), words[2], JsonNode.Parse(words[3])!)];

    private static void AssertSame(Line expected, Line actual)
    {
        bool isSame = expected.Hex == actual.Hex && JsonNode.DeepEquals(expected.Json, actual.Json);
        Assert.True(isSame, $"{expected.Name} version {expected.Version}\nwritten {expected.Hex}\nthen    {actual.Hex}\nwritten {expected.Json?.ToJsonString()}\nread    {actual.Json?.ToJsonString()}");
    }

    private sealed record Line(string Name, short Version, string Hex, JsonNode Json);
}
