using Pipelines.Execution;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime.Reading;

/// <summary>Reads one partition once for all its subscriptions.</summary>
/// <remarks>
/// While no subscription has room the scan waits. When some have room and others do not, it waits for those a bounded time and then
/// detaches them: each goes on with a reader of its own until that has come level, and is attached again.
/// </remarks>
internal sealed class PartitionReader
{
    private readonly ReaderContext context;
    private readonly string topic;
    private readonly int partition;
    private readonly PartitionReader? shared;
    private readonly Lock gate = new();
    private readonly List<Subscription> arriving = [];
    private readonly List<Subscription> attached = [];
    private readonly List<Subscription> refusing = [];
    private readonly List<(PartitionReader Reader, Task Loop)> catchUps = [];
    private readonly Signal room = new();
    private readonly BatchCutter cutter;
    private long nextOffset;
    private long end;
    private volatile bool isStopping;

    internal PartitionReader(ReaderContext context, string topic, int partition, long startOffset, PartitionReader? shared = null)
    {
        this.context = context;
        this.topic = topic;
        this.partition = partition;
        this.shared = shared;
        nextOffset = startOffset;
        cutter = new BatchCutter(context.Pool, topic, partition);
    }

    internal string Topic => topic;

    internal int Partition => partition;

    /// <summary>The next offset to read.</summary>
    internal long NextOffset => Volatile.Read(ref nextOffset);

    /// <summary>The end of the partition as last seen.</summary>
    internal long End => Volatile.Read(ref end);

    /// <summary>Adds a subscription before the next batch is read.</summary>
    internal void Attach(Subscription subscription)
    {
        subscription.Room = room;
        lock (gate) arriving.Add(subscription);
        room.Set();
    }

    /// <summary>Asks the loop to end; it does so within one fetch wait.</summary>
    internal void Stop()
    {
        isStopping = true;
        room.Set();
    }

    /// <summary>Runs until <see cref="Stop"/>, or, for a reader of one detached subscription, until it is level.</summary>
    internal async Task RunAsync()
    {
        while (!isStopping)
        {
            if (!Arrange()) return;
            if (attached.Count == 0)
            {
                await room.WaitAsync();
                continue;
            }

            try
            {
                await DeliverAsync(await context.Broker.FetchAsync(topic, partition, nextOffset, (int)context.Fetches.Share, context.FetchWait));
            }
            catch (BrokerException failure)
            {
                if (isStopping) break;
                context.OnFailure(this, failure);
                if (failure.IsFatal) break;
                await Task.Delay(context.RetryDelay, context.Clock);
            }
        }

        foreach ((PartitionReader reader, Task loop) in catchUps)
        {
            reader.Stop();
            await loop;
        }
    }

    private async Task DeliverAsync(FetchedBatches fetched)
    {
        Volatile.Write(ref end, fetched.End);
        foreach (Subscription subscription in attached) subscription.End = fetched.End;
        if (nextOffset < fetched.Start)
        {
            context.OnGap(this, nextOffset, fetched.Start);
            Volatile.Write(ref nextOffset, fetched.Start);
        }

        RecordBatch? batch = cutter.Cut(fetched, nextOffset);
        if (batch is null)
        {
            SetLevel(true);
            return;
        }

        context.OnRead(batch);
        SetLevel(batch.NextOffset >= fetched.End && batch.Count == 0);
        long next = batch.NextOffset;
        try
        {
            await OfferAsync(batch);
        }
        finally
        {
            batch.Release();
        }

        Volatile.Write(ref nextOffset, next);
    }

    private async Task OfferAsync(RecordBatch batch)
    {
        refusing.Clear();
        foreach (Subscription subscription in attached)
        {
            if (batch.NextOffset > subscription.NextOffset && !subscription.TryOffer(batch)) refusing.Add(subscription);
        }

        long? deadline = null;
        while (refusing.Count > 0 && !isStopping)
        {
            // With nobody else waiting there is no hurry; otherwise those without room have a bounded time to make some.
            if (refusing.Count < attached.Count)
            {
                deadline ??= context.Clock.GetTimestamp();
                TimeSpan waited = context.Clock.GetElapsedTime(deadline.Value);
                if (waited >= context.DetachAfter)
                {
                    Detach();
                    return;
                }

                using ITimer timer = context.Clock.CreateTimer(
                    static signal => ((Signal)signal!).Set(), room, context.DetachAfter - waited, Timeout.InfiniteTimeSpan);
                await room.WaitAsync();
            }
            else
            {
                await room.WaitAsync();
            }

            for (int i = refusing.Count - 1; i >= 0; i--)
            {
                if (refusing[i].TryOffer(batch)) refusing.RemoveAt(i);
            }
        }
    }

    private void Detach()
    {
        foreach (Subscription subscription in refusing)
        {
            if (subscription.IsClosed) continue;
            attached.Remove(subscription);
            context.OnDetach(subscription);
            CatchUp(subscription);
        }
    }

    private void CatchUp(Subscription subscription)
    {
        var own = new PartitionReader(context, topic, partition, subscription.NextOffset, this);
        own.Attach(subscription);
        catchUps.RemoveAll(static catchUp => catchUp.Loop.IsCompleted);
        catchUps.Add((own, context.Start(own.RunAsync)));
    }

    /// <summary>Takes in arrivals and lets the closed go. False when a reader of its own has nothing left to do.</summary>
    private bool Arrange()
    {
        lock (gate)
        {
            foreach (Subscription subscription in arriving)
            {
                // One that arrives behind the scan, because the scan moved on meanwhile, catches up first.
                if (shared is null && subscription.NextOffset < nextOffset) CatchUp(subscription);
                else attached.Add(subscription);
            }

            arriving.Clear();
        }

        attached.RemoveAll(static subscription => subscription.IsClosed);
        if (shared is null) return true;
        if (shared.isStopping || attached.Count == 0) return false;
        if (nextOffset < shared.NextOffset) return true;
        // The shared reader leaves out batches that the subscription has had, so being ahead of it does no harm.
        shared.Attach(attached[0]);
        context.OnAttach(attached[0]);
        return false;
    }

    private void SetLevel(bool level)
    {
        foreach (Subscription subscription in attached) subscription.IsLevel = level;
    }
}
