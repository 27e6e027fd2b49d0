using System.Diagnostics;
using System.Globalization;
using Pipelines.Execution;
using Pipelines.Generated;
using Pipelines.Topology;

namespace Pipelines.Benchmarks;

/// <summary>What each layer of the generated task costs: its loop by hand, cut off after each layer in turn.</summary>
internal static class Layers
{
    private const int Rounds = 11;
    private const int EpochBatches = 256;
    private const int LayerRows = 6;

    internal static void Run(int records, int accounts)
    {
        var input = new Input(records, accounts);
        (string Name, Func<Input, long> Work)[] rows =
        [
            ("begin, decode, stream time", Loop(new LayerTask<Decode>(Context()))),
            ("+ state key", Loop(new LayerTask<Key>(Context()))),
            ("+ filter, wire, key check", Loop(new LayerTask<Wire>(Context()))),
            ("+ state with undo", Loop(new LayerTask<State>(Context()))),
            ("+ encode and frame", Loop(new LayerTask<Send>(Context()))),
            ("+ seal: changelog every 65536 records", Loop(new LayerTask<Send>(Context()), timesSeal: true)),
            ("generated, for comparison", new Contestants().Generated),
            ("hand-written, for comparison", new Contestants().Handwritten),
        ];
        double[] least = [.. rows.Select(static _ => double.MaxValue)];
        for (int round = 0; round < Rounds; round++)
        {
            for (int row = 0; row < rows.Length; row++)
            {
                long began = Stopwatch.GetTimestamp();
                long leftOut = rows[row].Work(input);
                if (row >= LayerRows) leftOut = 0;
                least[row] = Math.Min(least[row], Stopwatch.GetElapsedTime(began + leftOut).TotalNanoseconds / records);
            }
        }

        Console.WriteLine("\n| up to and with the layer (least of several rounds) | ns/record | the layer |");
        Console.WriteLine("|---|---|---|");
        for (int row = 0; row < rows.Length; row++)
        {
            double layer = row is 0 or >= LayerRows ? least[row] : least[row] - least[row - 1];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {rows[row].Name} | {least[row]:F1} | {layer:F1} |"));
        }
    }

    private static TaskContext Context()
    {
        ComponentDefinition component = DeploymentTopology.Of(typeof(Layers).Assembly).Components[0];
        return new TaskContext(component, new TaskOptions
        {
            Deployment = "bench",
            Version = "1",
            Partition = 0,
            PartitionCount = 1,
            Changelog = "changelog",
            DeadLetters = ("dead-letters", 1),
            ResolveOutput = static definition => (definition.Topic, 1),
        });
    }

    /// <summary>The seal has a row of its own, so its ticks are returned to be left out, unless it is that row.</summary>
    private static Func<Input, long> Loop(DetectorTask task, bool timesSeal = false) => input =>
    {
        TaskScope scope = task.Scope;
        long sealing = 0;
        for (int i = 0; i < input.Batches.Length; i++)
        {
            scope.SetBatch(input.Batches[i], 0, input.Batches[i].Count);
            task.Process(0);
            if ((i + 1) % EpochBatches != 0 && i != input.Batches.Length - 1) continue;
            long began = Stopwatch.GetTimestamp();
            scope.Seal(0);
            scope.Acknowledge();
            sealing += Stopwatch.GetTimestamp() - began;
        }

        return timesSeal ? 0 : sealing;
    };

    private interface ILayer
    {
        static abstract int Depth { get; }
    }

    private readonly struct Decode : ILayer
    {
        public static int Depth => 0;
    }

    private readonly struct Key : ILayer
    {
        public static int Depth => 1;
    }

    private readonly struct Wire : ILayer
    {
        public static int Depth => 2;
    }

    private readonly struct State : ILayer
    {
        public static int Depth => 3;
    }

    private readonly struct Send : ILayer
    {
        public static int Depth => 4;
    }

    /// <summary>The loop as the generator writes it for <see cref="BigTrades"/>.</summary>
    private sealed class LayerTask<TLayer>(TaskContext context) : DetectorTask(context)
        where TLayer : struct, ILayer
    {
        private readonly Outlet<Total> totals = context.Output<Total>(0);
        private readonly Outlet<BigTrade> wire = context.Wire<BigTrade>();
        private readonly Store<long, StateCodec_long> counts = context.Store<long, StateCodec_long>(0);
        private readonly EncodeBuffer scratch = new();

        public override bool Process(int input)
        {
            TaskScope scope = Scope;
            RecordBatch batch = scope.Batch;
            byte[] bytes = batch.Bytes;
            RecordEntry[] entries = batch.Entries;
            for (; scope.Position < scope.End; scope.Position++)
            {
                ref readonly RecordEntry entry = ref entries[scope.Position];
                if (!scope.Begin(in entry, 0)) continue;
                scope.Handler = 0;
                RecordCodec<Trade>.Read(bytes, in entry, out Trade record);
                scope.Observe(RecordCodec<Trade>.EventTime(in record, entry.Timestamp));
                if (TLayer.Depth < 1) continue;
                scope.Key.Clear();
                RecordCodec<Trade>.WriteKey(in record, scope.Key);
                if (TLayer.Depth < 2) continue;
                BigTrades.Filter(in record, new Emit<BigTrade>(wire));
                if (wire.Count != 0) Drain();
            }

            return true;
        }

        private void Drain()
        {
            ReadOnlySpan<byte> key = Scope.Key.Written;
            for (int i = 0; i < wire.Count; i++)
            {
                ref readonly BigTrade record = ref wire[i];
                scratch.Clear();
                RecordCodec<BigTrade>.WriteKey(in record, scratch);
                if (!scratch.Written.SequenceEqual(key)) Scope.ThrowKeyMismatch("BigTrade");
                Scope.Handler = 1;
                if (TLayer.Depth < 3) continue;
                ref long count = ref counts.GetRef(key);
                count++;
                if (TLayer.Depth >= 4) totals.Send(new Total(record.Account, count, record.Amount));
            }

            wire.Clear();
        }
    }
}
