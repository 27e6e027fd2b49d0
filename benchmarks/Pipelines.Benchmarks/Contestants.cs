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
    private readonly DetectorTask task;
    private readonly Dictionary<long, long> counts = [];
    private readonly EncodeBuffer key = new();
    private readonly EncodeBuffer value = new();
    private readonly RecordBuffer output = new();

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

    internal long Dataflow(Input input)
    {
        counts.Clear();
        long outputs = 0;
        var options = new ExecutionDataflowBlockOptions { SingleProducerConstrained = true, BoundedCapacity = 4096 };
        var filter = new TransformManyBlock<Trade, Trade>(static trade => trade.Price < BigTrades.LeastPrice ? [] : [trade], options);
        var count = new TransformBlock<Trade, Total>(Count, options);
        var encode = new ActionBlock<Total>(total => { Emit(in total, 0); outputs++; }, options);
        var link = new DataflowLinkOptions { PropagateCompletion = true };
        filter.LinkTo(count, link);
        count.LinkTo(encode, link);
        foreach (Trade trade in input.Trades)
        {
            if (!filter.Post(trade)) filter.SendAsync(trade).GetAwaiter().GetResult();
        }

        filter.Complete();
        encode.Completion.GetAwaiter().GetResult();
        output.Clear();
        return outputs;
    }

    internal long ChannelPerItem(Input input)
    {
        counts.Clear();
        var options = new BoundedChannelOptions(4096) { SingleReader = true, SingleWriter = true };
        Channel<Trade> first = Channel.CreateBounded<Trade>(options);
        Channel<Trade> second = Channel.CreateBounded<Trade>(options);
        Channel<Total> third = Channel.CreateBounded<Total>(options);
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
            await foreach (Total total in third.Reader.ReadAllAsync())
            {
                Emit(in total, 0);
                outputs++;
            }

            return outputs;
        });
        Task.Run(async () =>
        {
            foreach (Trade trade in input.Trades) await first.Writer.WriteAsync(trade);
            first.Writer.Complete();
        }).GetAwaiter().GetResult();
        Task.WhenAll(filter, count).GetAwaiter().GetResult();
        long result = encode.GetAwaiter().GetResult();
        output.Clear();
        return result;
    }

    internal long Rx(Input input)
    {
        counts.Clear();
        long outputs = 0;
        using var source = new Subject<Trade>();
        using IDisposable subscription = source
            .Where(static trade => trade.Price >= BigTrades.LeastPrice)
            .Select(Count)
            .Subscribe(total => { Emit(in total, 0); outputs++; });
        foreach (Trade trade in input.Trades) source.OnNext(trade);
        output.Clear();
        return outputs;
    }

    internal long AsyncEnumerables(Input input) => AsyncEnumerablesAsync(input).GetAwaiter().GetResult();

    private async Task<long> AsyncEnumerablesAsync(Input input)
    {
        counts.Clear();
        long outputs = 0;
        await foreach (Total total in CountAsync(FilterAsync(SourceAsync(input.Trades))))
        {
            Emit(in total, 0);
            outputs++;
        }

        output.Clear();
        return outputs;
    }

    private static async IAsyncEnumerable<Trade> SourceAsync(Trade[] trades)
    {
        foreach (Trade trade in trades) yield return trade;
        await Task.CompletedTask;
    }

    private static async IAsyncEnumerable<Trade> FilterAsync(IAsyncEnumerable<Trade> trades)
    {
        await foreach (Trade trade in trades)
        {
            if (trade.Price >= BigTrades.LeastPrice) yield return trade;
        }
    }

    private async IAsyncEnumerable<Total> CountAsync(IAsyncEnumerable<Trade> trades)
    {
        await foreach (Trade trade in trades) yield return Count(trade);
    }

    private Total Count(Trade trade)
    {
        ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, trade.Account, out _);
        return new Total(trade.Account, ++count, (long)trade.Price * trade.Quantity);
    }

    private void Emit(in Total total, long timestamp)
    {
        key.Clear();
        value.Clear();
        Total.WriteKey(in total, key);
        Total.WriteValue(in total, value);
        output.Append(timestamp, hasKey: true, key.Written, hasValue: true, value.Written, headers: default, headerCount: 0);
        if (output.Length > 4 * 1024 * 1024) output.Clear();
    }
}
