using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;
using Pipelines.Execution;
using Pipelines.Topology;

namespace Pipelines.Benchmarks;

/// <summary>The same work, done in several ways; each returns the number of outputs.</summary>
internal sealed class Contestants
{
    private const int EpochBatches = 256;

    // About what an epoch of the loops over batches leaves, so that no row has more memory to go through than another.
    private const int OutputBytes = 1024 * 1024;
    private readonly DetectorTask task;
    private readonly Dictionary<long, long> counts = [];
    private readonly EncodeBuffer key = new();
    private readonly EncodeBuffer value = new();
    private readonly RecordBuffer output = new();
    private readonly Dictionary<long, (long Count, int Epoch)> loggedCounts = [];
    private readonly List<long> changed = [];
    private readonly RecordBuffer changelog = new();
    private readonly List<(long Account, bool Existed, long Count)> undoEpoch = [];
    private (long Account, bool Existed, long Count, int OutputLength, int OutputCount) undoRecord;
    private int epoch = 1;

    internal Contestants()
    {
        ComponentDefinition component = DeploymentTopology.Of(typeof(Contestants).Assembly).Components[0];
        task = component.Create(new TaskContext(component, new TaskOptions
        {
            Deployment = "bench",
            Version = "1",
            Partition = 0,
            PartitionCount = 1,
            Changelog = "changelog",
            DeadLetters = ("dead-letters", 1),
            ResolveOutput = static definition => (definition.Topic, 1),
        }));
    }

    /// <summary>What the generator wrote, with its undo, epochs and changelog.</summary>
    internal long Generated(Input input)
    {
        TaskScope scope = task.Scope;
        long outputs = 0;
        for (int i = 0; i < input.Batches.Length; i++)
        {
            scope.SetBatch(input.Batches[i], 0, input.Batches[i].Count);
            task.Process(0);
            if ((i + 1) % EpochBatches == 0 || i == input.Batches.Length - 1) outputs += Commit(scope);
        }

        return outputs;
    }

    private static long Commit(TaskScope scope)
    {
        scope.Seal(0);
        long outputs = 0;
        foreach (OutputPartition partition in scope.Outputs)
        {
            if (partition.Topic == "totals") outputs += partition.Sealed.Count;
        }

        scope.Acknowledge();
        return outputs;
    }

    /// <summary>The same over the same bytes by hand: no undo, no changelog.</summary>
    internal long Handwritten(Input input)
    {
        long outputs = 0;
        for (int i = 0; i < input.Batches.Length; i++)
        {
            RecordBatch batch = input.Batches[i];
            byte[] bytes = batch.Bytes;
            RecordEntry[] entries = batch.Entries;
            for (int j = 0; j < batch.Count; j++)
            {
                Trade.Read(bytes, in entries[j], out Trade trade);
                if (trade.Price < BigTrades.LeastPrice) continue;
                ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, trade.Account, out _);
                Emit(new Total(trade.Account, ++count, (long)trade.Price * trade.Quantity), trade.AtMs);
            }

            if ((i + 1) % EpochBatches != 0 && i != input.Batches.Length - 1) continue;
            outputs += output.Count;
            output.Clear();
        }

        return outputs;
    }

    /// <summary>By hand over the same bytes, with the changed keys of each epoch written to a changelog; still no undo.</summary>
    internal long HandwrittenLogged(Input input)
    {
        long outputs = 0;
        for (int i = 0; i < input.Batches.Length; i++)
        {
            RecordBatch batch = input.Batches[i];
            byte[] bytes = batch.Bytes;
            RecordEntry[] entries = batch.Entries;
            for (int j = 0; j < batch.Count; j++)
            {
                Trade.Read(bytes, in entries[j], out Trade trade);
                if (trade.Price < BigTrades.LeastPrice) continue;
                ref (long Count, int Epoch) state = ref CollectionsMarshal.GetValueRefOrAddDefault(loggedCounts, trade.Account, out _);
                if (state.Epoch != epoch)
                {
                    state.Epoch = epoch;
                    changed.Add(trade.Account);
                }

                Emit(new Total(trade.Account, ++state.Count, (long)trade.Price * trade.Quantity), trade.AtMs);
            }

            if ((i + 1) % EpochBatches != 0 && i != input.Batches.Length - 1) continue;
            outputs += output.Count;
            output.Clear();
            Log();
        }

        return outputs;
    }

    private void Log()
    {
        foreach (long account in changed)
        {
            key.Clear();
            value.Clear();
            KeyCodec.Write(key, account);
            MessagePackWriter.Write(value, loggedCounts[account].Count);
            changelog.Append(timestamp: 0, hasKey: true, key.Written, hasValue: true, value.Written, headers: default, headerCount: 0);
        }

        changelog.Clear();
        changed.Clear();
        epoch++;
    }

    /// <summary>By hand, with a changelog and with what takes a record or an epoch back: all that the generated task promises.</summary>
    internal long HandwrittenSafe(Input input)
    {
        long outputs = 0;
        for (int i = 0; i < input.Batches.Length; i++)
        {
            RecordBatch batch = input.Batches[i];
            byte[] bytes = batch.Bytes;
            RecordEntry[] entries = batch.Entries;
            for (int j = 0; j < batch.Count; j++)
            {
                bool isTouched = false;
                try
                {
                    Trade.Read(bytes, in entries[j], out Trade trade);
                    if (trade.Price < BigTrades.LeastPrice) continue;
                    ref (long Count, int Epoch) state = ref CollectionsMarshal.GetValueRefOrAddDefault(loggedCounts, trade.Account, out bool existed);
                    isTouched = true;
                    undoRecord = (trade.Account, existed, state.Count, output.Length, output.Count);
                    if (state.Epoch != epoch)
                    {
                        state.Epoch = epoch;
                        undoEpoch.Add((trade.Account, existed, state.Count));
                        changed.Add(trade.Account);
                    }

                    Emit(new Total(trade.Account, ++state.Count, (long)trade.Price * trade.Quantity), trade.AtMs);
                }
                catch (RecordFormatException)
                {
                    // What does not decode has touched nothing.
                    if (isTouched) loggedCounts[undoRecord.Account] = (undoRecord.Count, 0);
                }
            }

            if ((i + 1) % EpochBatches != 0 && i != input.Batches.Length - 1) continue;
            outputs += output.Count;
            output.Clear();
            undoEpoch.Clear();
            Log();
        }

        return outputs;
    }

    /// <summary>By hand over decoded structs: what is left when nothing is decoded and nothing carries the record.</summary>
    internal long HandwrittenDecoded(Input input)
    {
        long outputs = 0;
        for (int i = 0; i < input.Trades.Length; i++)
        {
            Trade trade = input.Trades[i];
            if (trade.Price < BigTrades.LeastPrice) continue;
            Counted counted = Count(trade);
            Emit(counted.Total, counted.AtMs);
            outputs++;
        }

        output.Clear();
        return outputs;
    }

    internal long Dataflow(Input input, bool decodes)
    {
        long outputs = 0;
        var options = new ExecutionDataflowBlockOptions { SingleProducerConstrained = true, BoundedCapacity = 4096 };
        var filter = new TransformManyBlock<Trade, Trade>(static trade => trade.Price < BigTrades.LeastPrice ? [] : [trade], options);
        var count = new TransformBlock<Trade, Counted>(Count, options);
        var encode = new ActionBlock<Counted>(counted => { Emit(counted.Total, counted.AtMs); outputs++; }, options);
        var link = new DataflowLinkOptions { PropagateCompletion = true };
        filter.LinkTo(count, link);
        count.LinkTo(encode, link);
        for (int i = 0; i < input.Trades.Length; i++)
        {
            Trade trade = At(input, i, decodes);
            if (!filter.Post(trade)) filter.SendAsync(trade).GetAwaiter().GetResult();
        }

        filter.Complete();
        encode.Completion.GetAwaiter().GetResult();
        output.Clear();
        return outputs;
    }

    internal long ChannelPerItem(Input input, bool decodes)
    {
        var options = new BoundedChannelOptions(4096) { SingleReader = true, SingleWriter = true };
        Channel<Trade> first = Channel.CreateBounded<Trade>(options);
        Channel<Trade> second = Channel.CreateBounded<Trade>(options);
        Channel<Counted> third = Channel.CreateBounded<Counted>(options);
        Task filter = Task.Run(async () =>
        {
            await foreach (Trade trade in first.Reader.ReadAllAsync())
            {
                if (trade.Price >= BigTrades.LeastPrice) await second.Writer.WriteAsync(trade);
            }

            second.Writer.Complete();
        });
        Task count = Task.Run(async () =>
        {
            await foreach (Trade trade in second.Reader.ReadAllAsync()) await third.Writer.WriteAsync(Count(trade));
            third.Writer.Complete();
        });
        Task<long> encode = Task.Run(async () =>
        {
            long outputs = 0;
            await foreach (Counted counted in third.Reader.ReadAllAsync())
            {
                Emit(counted.Total, counted.AtMs);
                outputs++;
            }

            return outputs;
        });
        Task.Run(async () =>
        {
            for (int i = 0; i < input.Trades.Length; i++) await first.Writer.WriteAsync(At(input, i, decodes));
            first.Writer.Complete();
        }).GetAwaiter().GetResult();
        Task.WhenAll(filter, count).GetAwaiter().GetResult();
        long result = encode.GetAwaiter().GetResult();
        output.Clear();
        return result;
    }

    internal long Rx(Input input, bool decodes)
    {
        long outputs = 0;
        using var source = new Subject<Trade>();
        using IDisposable subscription = source
            .Where(static trade => trade.Price >= BigTrades.LeastPrice)
            .Select(Count)
            .Subscribe(counted => { Emit(counted.Total, counted.AtMs); outputs++; });
        for (int i = 0; i < input.Trades.Length; i++) source.OnNext(At(input, i, decodes));
        output.Clear();
        return outputs;
    }

    internal long AsyncEnumerables(Input input, bool decodes) => AsyncEnumerablesAsync(input, decodes).GetAwaiter().GetResult();

    private async Task<long> AsyncEnumerablesAsync(Input input, bool decodes)
    {
        long outputs = 0;
        await foreach (Counted counted in CountAsync(FilterAsync(SourceAsync(input, decodes))))
        {
            Emit(counted.Total, counted.AtMs);
            outputs++;
        }

        output.Clear();
        return outputs;
    }

    private static async IAsyncEnumerable<Trade> SourceAsync(Input input, bool decodes)
    {
        for (int i = 0; i < input.Trades.Length; i++) yield return At(input, i, decodes);
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<Trade> FilterAsync(IAsyncEnumerable<Trade> trades)
    {
        await foreach (Trade trade in trades)
        {
            if (trade.Price >= BigTrades.LeastPrice) yield return trade;
        }
    }

    private async IAsyncEnumerable<Counted> CountAsync(IAsyncEnumerable<Trade> trades)
    {
        await foreach (Trade trade in trades) yield return Count(trade);
    }

    private Counted Count(Trade trade)
    {
        ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, trade.Account, out _);
        return new Counted(new Total(trade.Account, ++count, (long)trade.Price * trade.Quantity), trade.AtMs);
    }

    /// <summary>A trade as a contestant is given it: decoded before the run, or from the same bytes as the generated task.</summary>
    private static Trade At(Input input, int index, bool decodes)
    {
        if (!decodes) return input.Trades[index];
        RecordBatch batch = input.Batches[index / Input.BatchRecords];
        Trade.Read(batch.Bytes, in batch.Entries[index % Input.BatchRecords], out Trade trade);
        return trade;
    }

    private void Emit(in Total total, long timestamp)
    {
        key.Clear();
        Total.WriteKey(in total, key);
        output.Append(timestamp, hasKey: true, key.Written, new Encoded(in total), headers: default, headerCount: 0);
        if (output.Length > OutputBytes) output.Clear();
    }

    private readonly ref struct Encoded(ref readonly Total total) : IRecordValue
    {
        private readonly ref readonly Total total = ref total;

        public void Write(EncodeBuffer target) => Total.WriteValue(in total, target);
    }

    /// <summary>A count on its way to be encoded, with the time of the trade that it stems from.</summary>
    private readonly record struct Counted(Total Total, long AtMs);
}
