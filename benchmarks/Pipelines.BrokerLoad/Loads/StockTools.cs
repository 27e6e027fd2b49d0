using System.Diagnostics;
using System.Globalization;
using Pipelines.Loads.Brokers;

namespace Pipelines.BrokerLoad.Loads;

/// <summary>The tools that come with Apache Kafka.</summary>
internal static class StockTools
{
    private const string Tools = "org.apache.kafka.tools";

    internal static Task<Measured> ProduceAsync(BrokerProcess broker, string topic, long records) => ProduceAsync(broker, topic, records, []);

    internal static Task<Measured> TransactionalAsync(BrokerProcess broker, string topic, long records) =>
        ProduceAsync(broker, topic, records, ["--transactional-id", topic, "--transaction-duration-ms", "100"]);

    internal static async Task<Measured> ConsumeAsync(BrokerProcess broker, string topic, long records)
    {
        double cpu = broker.CpuSeconds;
        string output = await RunAsync($"{Tools}.ConsumerPerformance", "--bootstrap-server", broker.Address, "--topic", topic, "--num-records", Text(records), "--timeout", "60000");
        double used = broker.CpuSeconds - cpu;
        // Header and values, separated by commas; the time of the fetches leaves out joining the group.
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        int header = Array.FindIndex(lines, static line => line.StartsWith("start.time", StringComparison.Ordinal));
        string[] names = [.. lines[header].Split(',').Select(static name => name.Trim())];
        string[] values = [.. lines[header + 1].Split(',').Select(static value => value.Trim())];
        double Value(string name) => double.Parse(values[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        return new Measured((long)Value(names.First(static name => name.StartsWith("data.consumed.in.n", StringComparison.Ordinal))), Value("fetch.time.ms") / 1000, used, double.NaN, double.NaN);
    }

    /// <summary>Transactions of one record, one after the other, by the Java client.</summary>
    internal static async Task<Measured> OneRecordTransactionsAsync(BrokerProcess broker, string topic, int transactions)
    {
        await broker.CreateTopicAsync(topic, 1);
        string output = await RunAsync(Path.Combine(AppContext.BaseDirectory, "Loads", "OneRecordTransactions.java"), broker.Address, topic, Text(transactions));
        double[] values = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ').Select(static value => double.Parse(value, CultureInfo.InvariantCulture))];
        return new Measured(transactions, double.NaN, double.NaN, values[0], values[1]);
    }

    private static async Task<Measured> ProduceAsync(BrokerProcess broker, string topic, long records, string[] more)
    {
        await broker.CreateTopicAsync(topic, 1);
        double cpu = broker.CpuSeconds;
        string output = await RunAsync(
            $"{Tools}.ProducerPerformance", ["--bootstrap-server", broker.Address, "--topic", topic, "--num-records", Text(records), "--record-size", "100", "--throughput", "-1", "--command-property", "acks=all", .. more]);
        double used = broker.CpuSeconds - cpu;
        // "5000000 records sent, 901234.5 records/sec (...), 3.4 ms avg latency, 200.0 ms max latency, 2 ms 50th, 9 ms 95th, 15 ms 99th, 30 ms 99.9th."
        string last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last(static line => line.Contains("99th", StringComparison.Ordinal));
        double Before(string unit) => double.Parse(last[..last.IndexOf(unit, StringComparison.Ordinal)].TrimEnd().Split(' ', ',')[^1], CultureInfo.InvariantCulture);
        return new Measured(records, records / Before("records/sec"), used, Before("ms 50th"), Before("ms 99th"));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo($"{ApacheKafka.Home}/run.sh", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output} {await errors}");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
