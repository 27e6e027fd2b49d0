using System.Text;
using System.Text.Json;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Execution;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Clients;

namespace SecurityLog.Tests;

/// <summary>Looks into the log that a program left.</summary>
internal static class LogReading
{
    internal static async Task<List<string>> AlertUsersAsync(string data)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(data) });
        await using var broker = new EngineBroker(engine);
        var users = new List<string>();
        await new RecordReader(broker, "alerts", 0).ReadToEndAsync((batch, entry) =>
        {
            JsonElement alert = JsonDocument.Parse(batch.Value(in entry).ToArray()).RootElement;
            if (alert.TryGetProperty("user", out JsonElement user)) users.Add(user.GetString()!);
        });
        return users;
    }

    /// <summary>Each dead letter's reason and its raw bytes.</summary>
    internal static async Task<List<string>> DeadLettersAsync(string data)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(data) });
        await using var broker = new EngineBroker(engine);
        var letters = new List<string>();
        await new RecordReader(broker, "security-log.dead-letters", 0).ReadToEndAsync((batch, entry) =>
        {
            Assert.True(new RecordHeaders(batch.Bytes, in entry).TryGet("pipelines.message"u8, out ReadOnlySpan<byte> reason));
            letters.Add($"{Encoding.UTF8.GetString(reason)}\n{Encoding.Latin1.GetString(batch.Value(in entry))}");
        });
        return letters;
    }

    /// <summary>Writes lines as another client does: without a key, stamped with the time of writing, over several partitions.</summary>
    internal static async Task WriteAsync(string data, string topic, int partitions, DateTimeOffset at, params IEnumerable<string> lines)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(data) });
        await using var broker = new EngineBroker(engine);
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "another-client");
        await writer.PrepareAsync(topic, partitions);
        foreach (string line in lines) writer.Send(topic, hasKey: false, default, hasValue: true, Encoding.UTF8.GetBytes(line), at.ToUnixTimeMilliseconds());
        await writer.CommitAsync();
    }
}
