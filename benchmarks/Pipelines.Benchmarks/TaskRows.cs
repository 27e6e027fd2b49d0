using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Pipelines.Execution;

namespace Pipelines.Benchmarks;

/// <summary>The generated task against the same work in other shapes, contestants taking turns.</summary>
internal static class TaskRows
{
    private const int Rounds = 7;

    internal static void Run(int records, int accounts)
    {
        var large = new Input(records, accounts);
        var small = new Input(Math.Max(Input.BatchRecords, records / 10), accounts);
        var contestants = new Contestants();
        (string Name, Func<Input, long> Work, Input Input)[] rows =
        [
            ("generated task over encoded batches", contestants.Generated, large),
            ("hand-written over the same bytes", contestants.Handwritten, large),
            ("hand-written over the same bytes, with a changelog", contestants.HandwrittenLogged, large),
            ("hand-written over the same bytes, with a changelog and undo", contestants.HandwrittenSafe, large),
            ("hand-written over decoded structs", contestants.HandwrittenDecoded, large),
            ("Rx, decoded structs", input => contestants.Rx(input, decodes: false), large),
            ("Rx, decoding the same bytes", input => contestants.Rx(input, decodes: true), large),
            ("IAsyncEnumerable chain, decoded structs", input => contestants.AsyncEnumerables(input, decodes: false), large),
            ("IAsyncEnumerable chain, decoding the same bytes", input => contestants.AsyncEnumerables(input, decodes: true), large),
            ("Channel per item, decoded structs", input => contestants.ChannelPerItem(input, decodes: false), small),
            ("Channel per item, decoding the same bytes", input => contestants.ChannelPerItem(input, decodes: true), small),
            ("TPL Dataflow per item, decoded structs", input => contestants.Dataflow(input, decodes: false), small),
            ("TPL Dataflow per item, decoding the same bytes", input => contestants.Dataflow(input, decodes: true), small),
        ];
        double[][] times = [.. rows.Select(static _ => new double[Rounds])];
        for (int round = -2; round < Rounds; round++)
        {
            for (int row = 0; row < rows.Length; row++)
            {
                long began = Stopwatch.GetTimestamp();
                rows[row].Work(rows[row].Input);
                if (round >= 0) times[row][round] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / rows[row].Input.Trades.Length;
            }
        }

        double generated = Median(times[0]);
        Console.WriteLine("| one detector: decode, filter, map, keyed count, encode | ns/record | against the generated task |");
        Console.WriteLine("|---|---|---|");
        for (int row = 0; row < rows.Length; row++)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {rows[row].Name} | {Median(times[row]):F1} | {Median(times[row]) / generated:F2}x |"));

        long before = GC.GetAllocatedBytesForCurrentThread();
        contestants.Generated(large);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nAllocated by the generated task with its commits: {allocated} B for {large.Trades.Length} records ({allocated / (double)large.Trades.Length:F4} B/record)."));
        Hop(large);
    }

    /// <summary>One contestant for ten seconds, for a profiler.</summary>
    internal static void Repeat(string contestant, int records, int accounts)
    {
        var input = new Input(records, accounts);
        var contestants = new Contestants();
        Func<Input, long> work = contestant == "generated" ? contestants.Generated : contestants.Handwritten;
        double least = double.MaxValue;
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10);)
        {
            long round = Stopwatch.GetTimestamp();
            work(input);
            least = Math.Min(least, Stopwatch.GetElapsedTime(round).TotalNanoseconds / records);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contestant}: {least:F1} ns/record at best."));
    }

    private static void Hop(Input input)
    {
        double[] times = new double[Rounds];
        for (int round = -2; round < Rounds; round++)
        {
            Channel<RecordBatch> channel = Channel.CreateUnbounded<RecordBatch>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            long began = Stopwatch.GetTimestamp();
            Task<long> reading = Task.Run(async () =>
            {
                long records = 0;
                while (await channel.Reader.WaitToReadAsync())
                {
                    while (channel.Reader.TryRead(out RecordBatch? batch)) records += batch.Count;
                }

                return records;
            });
            foreach (RecordBatch batch in input.Batches) channel.Writer.TryWrite(batch);
            channel.Writer.Complete();
            reading.GetAwaiter().GetResult();
            if (round >= 0) times[round] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / input.Trades.Length;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Channel hop of batches of {Input.BatchRecords}: {Median(times):F2} ns/record."));
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
