using System.Text.Json;
using Pipelines.Broker;
using Pipelines.Broker.Disk;
using Pipelines.Hosting.Embedded;
using Pipelines.Runtime.Clients;

namespace SecurityLog.Tests;

/// <summary>Looks into the log that a program left.</summary>
internal static class LogReading
{
    internal static async Task<List<string>> AlertUsersAsync(string data)
    {
        LogEngine engine = await LogEngine.OpenAsync(new EngineOptions { Disk = new PhysicalDisk(data) });
        await using var broker = new EmbeddedBroker(engine);
        var users = new List<string>();
        await new RecordReader(broker, "alerts", 0).ReadToEndAsync((batch, entry) =>
        {
            JsonElement alert = JsonDocument.Parse(batch.Value(in entry).ToArray()).RootElement;
            if (alert.TryGetProperty("user", out JsonElement user)) users.Add(user.GetString()!);
        });
        return users;
    }
}
