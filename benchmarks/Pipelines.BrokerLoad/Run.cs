using Pipelines.Loads;
using Pipelines.Loads.Brokers;
using Pipelines.BrokerLoad.Loads;

namespace Pipelines.BrokerLoad;

/// <summary>All loads on all brokers, one broker after the other, each on a folder of its own.</summary>
internal sealed class Run(IReadOnlyList<BrokerKind> brokers, IReadOnlySet<string> parts, long records, int transactions)
{
    private const int Connections = 4;

    /// <summary>Of 100 bytes and in four partitions: the segments of neither broker are full yet.</summary>
    private const long KilledRecords = 9_000_000;

    /// <summary>With what a record and its batch add to its value, and the indexes.</summary>
    private const int BytesARecord = 115;

    private const string Throughput = "M records/s";
    private const string Cpu = "broker CPU s per million";
    private readonly Report report = new([.. brokers.Select(static broker => broker.Name)]);

    internal async Task RunAsync(string folder)
    {
        for (int i = 0; i < brokers.Count; i++)
        {
            DirectoryInfo own = Directory.CreateDirectory(Path.Combine(folder, $"broker-{i}"));
            await MeasureAsync(brokers[i], own.FullName, FreePort.Find());
            own.Delete(recursive: true);
        }

        report.Print();
    }

    private async Task MeasureAsync(BrokerKind kind, string folder, int port)
    {
        await using (BrokerProcess broker = await kind.StartAsync(folder, port))
        {
            if (parts.Contains("prepared")) await PreparedAsync(kind, broker, folder);
            if (parts.Contains("stock")) await StockAsync(kind, broker, folder);
            if (parts.Contains("transactions")) await TransactionsAsync(kind, broker);
            if (parts.Contains("start")) await ProduceAsync(broker, folder, "at-rest", 16, records);
            report.Add("memory after the loads", "MiB", kind.Name, broker.ResidentMiB);
        }

        if (parts.Contains("start")) await StartsAsync(kind, folder, port);
    }

    private async Task PreparedAsync(BrokerKind kind, BrokerProcess broker, string folder)
    {
        // The first is for the compilers.
        await ProduceAsync(broker, folder, "warm-up", 16, records / 4);
        await PreparedBatches.FetchAsync(broker, "warm-up", Connections);
        foreach (int batchKiB in (int[])[16, 64])
        {
            string topic = $"prepared-{batchKiB}";
            Measured produced = await ProduceAsync(broker, folder, topic, batchKiB, records);
            Add($"prepared batches of {batchKiB} KiB, produce", kind, produced with { Records = records });
            Add($"prepared batches of {batchKiB} KiB, fetch", kind, await PreparedBatches.FetchAsync(broker, topic, Connections));
        }
    }

    private static Task<Measured> ProduceAsync(BrokerProcess broker, string folder, string topic, int batchKiB, long records)
    {
        PageMemory.Touch(folder, records * BytesARecord);
        return PreparedBatches.ProduceAsync(broker, topic, Connections, batchKiB * 1024, records);
    }

    private async Task StockAsync(BrokerKind kind, BrokerProcess broker, string folder)
    {
        await StockTools.ProduceAsync(broker, "stock-warm-up", records / 4);
        PageMemory.Touch(folder, records * BytesARecord);
        Add("stock producer, acks=all", kind, await StockTools.ProduceAsync(broker, "stock", records));
        PageMemory.Touch(folder, records * BytesARecord);
        Add("stock producer, transactions of 100 ms", kind, await StockTools.TransactionalAsync(broker, "stock-transactional", records));
        Add("stock consumer", kind, await StockTools.ConsumeAsync(broker, "stock", records));
    }

    private async Task TransactionsAsync(BrokerKind kind, BrokerProcess broker)
    {
        await OneRecordTransactions.RunAsync(broker, "one-warm-up", transactions / 2);
        AddLatencies("one-record transactions", kind, await OneRecordTransactions.RunAsync(broker, "one", transactions));
        if (ApacheKafka.Home is not null) AddLatencies("one-record transactions, stock client", kind, await StockTools.OneRecordTransactionsAsync(broker, "one-stock", transactions));
    }

    private async Task StartsAsync(BrokerKind kind, string folder, int port)
    {
        await using (BrokerProcess broker = await kind.StartAsync(folder, port))
        {
            report.Add("start on an existing folder", "s", kind.Name, broker.StartTime.TotalSeconds);
            await Task.Delay(TimeSpan.FromSeconds(5));
            report.Add("idle memory", "MiB", kind.Name, broker.ResidentMiB);
            await ProduceAsync(broker, folder, "killed", 16, KilledRecords);
            broker.Kill();
        }

        double gib = Directory.GetFiles(folder, "*.log", SearchOption.AllDirectories).Where(static path => Path.GetFileName(Path.GetDirectoryName(path))!.StartsWith("killed-", StringComparison.Ordinal)).Sum(static path => new FileInfo(path).Length) / (double)(1L << 30);
        await using BrokerProcess again = await kind.StartAsync(folder, port);
        report.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"start after kill -9, {gib:F1} GiB in segments that were open"), "s", kind.Name, again.StartTime.TotalSeconds);
    }

    private void Add(string load, BrokerKind kind, Measured measured)
    {
        report.Add(load, Throughput, kind.Name, measured.MillionsPerSecond);
        report.Add(load, Cpu, kind.Name, measured.CpuPerMillion);
        if (!double.IsNaN(measured.P50Ms)) AddLatencies(load, kind, measured);
    }

    private void AddLatencies(string load, BrokerKind kind, Measured measured)
    {
        report.Add(load, "p50 ms", kind.Name, measured.P50Ms);
        report.Add(load, "p99 ms", kind.Name, measured.P99Ms);
    }
}
