using System.Globalization;
using System.Text.Json;

namespace Pipelines.Soak.Stock;

/// <summary>Kafka's VerifiableProducer as an idempotent producer with five small batches in flight: it writes 0, 1, 2 and so on, and prints what was acknowledged, and where.</summary>
internal sealed class StockProducer : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(2);

    private static readonly string[] Settings =
    [
        "acks=all",
        "enable.idempotence=true",
        "max.in.flight.requests.per.connection=5",
        // The tool itself sets no retries.
        "retries=2147483647",
        "delivery.timeout.ms=600000",
        "request.timeout.ms=5000",
        "retry.backoff.ms=20",
        "reconnect.backoff.ms=20",
        "reconnect.backoff.max.ms=200",
        "batch.size=500",
        "linger.ms=2",
    ];

    private static readonly string[] ClosedEarly = ["Cannot perform operation after producer has been closed", "Producer closed while send in progress"];

    private readonly Lock gate = new();
    private readonly Dictionary<long, Acknowledged> acknowledged = [];
    private readonly JavaTool tool;

    internal StockProducer(string folder, string bootstrap, string topic, int recordsPerSecond)
    {
        string settings = Path.Combine(folder, "producer.properties");
        File.WriteAllLines(settings, Settings);
        tool = new JavaTool(
            folder,
            "VerifiableProducer",
            Hear,
            ["--bootstrap-server", bootstrap, "--topic", topic, "--throughput", recordsPerSecond.ToString(CultureInfo.InvariantCulture), "--command-config", settings]);
    }

    /// <summary>How many records were acknowledged so far.</summary>
    internal int Count
    {
        get
        {
            lock (gate) return acknowledged.Count;
        }
    }

    /// <summary>How many records it gave up.</summary>
    internal int GivenUp { get; private set; }

    /// <summary>What its first complaint was.</summary>
    internal string? Complaint { get; private set; }

    /// <summary>What was acknowledged, by value; to be asked for when it has ended.</summary>
    internal IReadOnlyDictionary<long, Acknowledged> All => acknowledged;

    /// <summary>Waits until a number of records more is acknowledged.</summary>
    /// <exception cref="TimeoutException">Nothing is for long.</exception>
    internal async Task MoreAsync(int count, TimeSpan patience)
    {
        int wanted = Count + count;
        for (long until = Environment.TickCount64 + (long)patience.TotalMilliseconds; Count < wanted; await Task.Delay(10))
        {
            if (Environment.TickCount64 > until) throw new TimeoutException($"The producer got no {count} records acknowledged within {patience.TotalSeconds:F0} s, {Count} in all. {Complaint} {tool.LastWords}");
        }
    }

    /// <summary>Lets it send what it has, and ends it.</summary>
    internal async Task EndAsync()
    {
        await tool.AskToEndAsync();
        await tool.EndAsync(EndPatience);
    }

    /// <summary>Kills it, if it has not ended, and hears what it had printed.</summary>
    internal async Task KillAsync()
    {
        tool.Kill();
        await tool.EndAsync(EndPatience);
    }

    public void Dispose() => tool.Dispose();

    private void Hear(string line)
    {
        if (!line.StartsWith('{')) return;
        using JsonDocument said = JsonDocument.Parse(line);
        JsonElement root = said.RootElement;
        switch (root.GetProperty("name").GetString())
        {
            case "producer_send_success":
                lock (gate) acknowledged.Add(Number(root.GetProperty("value")), new Acknowledged((int)Number(root.GetProperty("partition")), Number(root.GetProperty("offset"))));
                break;
            // Asked to end, it closes its producer and tries once more to send: that record was never on its way.
            case "producer_send_error" when !ClosedEarly.Contains(root.GetProperty("message").GetString()):
                GivenUp++;
                Complaint ??= line;
                break;
        }
    }

    private static long Number(JsonElement element) => element.ValueKind == JsonValueKind.Number ? element.GetInt64() : long.Parse(element.GetString()!, CultureInfo.InvariantCulture);
}

/// <summary>Where a record is, as the producer was told.</summary>
internal readonly record struct Acknowledged(int Partition, long Offset);
