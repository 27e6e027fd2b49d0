using System.Threading.Channels;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Log;
using Pipelines.Broker.Recovery;

namespace Pipelines.Broker;

/// <summary>A durable log of topics on one machine: idempotent and transactional appends, committed offsets, recovery. No network in it.</summary>
/// <remarks>
/// One loop owns all state and takes requests from a channel; its handlers are plain methods. What a request wrote is acknowledged when a round of
/// flushes that covers it has ended; while a round is under way further requests go on and wait for the next (group commit). A failed write or flush is
/// the end of the engine: a disk that has forgotten a write would report the next flush as done. Opening it again recovers what was acknowledged.
/// </remarks>
public sealed partial class LogEngine : IAsyncDisposable
{
    private readonly EngineOptions options;
    private readonly IDisposable folderLock;
    private readonly EngineState state;
    private readonly FetchMemory fetchMemory;
    private readonly Channel<EngineRequest> requests = Channel.CreateUnbounded<EngineRequest>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<Exception> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<EngineRequest> waiting = [];
    private List<EngineRequest> flushing = [];
    private bool isFlushing;
    private bool isLazyFlushAsked;
    private volatile bool isStopping;
    private int isDisposed;
    private volatile StorageFailedException? failure;
    private Task loop = Task.CompletedTask;

    private LogEngine(EngineOptions options, IDisposable folderLock, EngineState state)
    {
        this.options = options;
        this.folderLock = folderLock;
        this.state = state;
        fetchMemory = new FetchMemory(options.MaxFetchMemoryBytes);
    }

    /// <summary>Ends with the reason when the storage has failed.</summary>
    public Task<Exception> Failed => failed.Task;

    /// <summary>What opening the log found and did.</summary>
    public RecoveryReport Recovery => state.Recovery;

    /// <summary>Takes the data folder and recovers what a former process left in it.</summary>
    /// <exception cref="DataFolderLockedException">Another process has the folder.</exception>
    /// <exception cref="CorruptLogException">A log is damaged where it was known to be durable.</exception>
    public static async Task<LogEngine> OpenAsync(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IDisposable folderLock = options.Disk.Lock();
        try
        {
            EngineState state = await EngineState.OpenAsync(options);
            var engine = new LogEngine(options, folderLock, state);
            engine.loop = Task.Factory.StartNew(engine.RunAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, options.Scheduler).Unwrap();
            engine.WatchTime();
            return engine;
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Finishes what was asked for, makes everything durable and lets the folder go.</summary>
    /// <exception cref="StorageFailedException">It could not be made durable; recovery will judge what is there.</exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 1) return;
        timeouts?.Dispose();
        housekeeping?.Dispose();
        requests.Writer.TryWrite(new Stop(this));
        await loop;
        await compaction;
        try
        {
            // What failed once is left as it is, for recovery to judge.
            if (failure is null) await state.CloseAsync();
        }
        catch (Exception broken)
        {
            Fail(broken);
            throw failure!;
        }
        finally
        {
            state.Dispose();
            folderLock.Dispose();
        }
    }

    private async Task RunAsync()
    {
        while (!isStopping || isFlushing || waiting.Count > 0)
        {
            await requests.Reader.WaitToReadAsync();
            while (requests.Reader.TryRead(out EngineRequest? request)) Take(request);
            if (!isFlushing && failure is null && (waiting.Count > 0 || state.WantsFlush)) StartFlush();
            if (!isFlushing && failure is null && state.ShouldRewriteJournal) await RewriteJournalAsync();
        }

        requests.Writer.TryComplete();
        while (requests.Reader.TryRead(out EngineRequest? late)) late.Fail(StorageFailedException.Closed());
        state.WakeAll();
    }

    private void Take(EngineRequest request)
    {
        if (failure is not null)
        {
            request.Fail(failure);
            return;
        }

        try
        {
            request.Execute(state);
        }
        catch (Exception broken)
        {
            // Whatever it is, part of the request may be done: nothing can be built on the state any more.
            Fail(broken);
            request.Fail(failure!);
            return;
        }

        if (!request.IsWrite) request.Complete(state);
        else if (options.Durability == Durability.Os) Acknowledge(request);
        else waiting.Add(request);
    }

    private void StartFlush()
    {
        (waiting, flushing) = (flushing, waiting);
        isFlushing = true;
        FlushRound round = state.BeginFlush();
        _ = FlushAsync(round);
    }

    private async Task FlushAsync(FlushRound round)
    {
        Exception? broken = null;
        try
        {
            await round.RunAsync();
        }
        catch (Exception reason)
        {
            broken = reason;
        }

        requests.Writer.TryWrite(new FlushEnded(this, round, broken));
    }

    private void EndFlush(FlushRound round, Exception? broken)
    {
        isFlushing = false;
        if (broken is not null)
        {
            Fail(broken);
            return;
        }

        try
        {
            state.EndFlush(round);
            foreach (EngineRequest request in flushing) Acknowledge(request);
        }
        catch (Exception reason)
        {
            Fail(reason);
            return;
        }

        flushing.Clear();
        if (state.HasUnflushed && waiting.Count == 0) AskLazyFlush();
    }

    private void Acknowledge(EngineRequest request)
    {
        request.Complete(state);
        if (options.Durability == Durability.Os) state.ServeAll();
    }

    /// <summary>Markers need no flush of their own, but they should not wait for ever for the next one either.</summary>
    private void AskLazyFlush()
    {
        if (isLazyFlushAsked) return;
        isLazyFlushAsked = true;
        ITimer? timer = null;
        timer = options.Clock.CreateTimer(
            _ =>
            {
                timer?.Dispose();
                requests.Writer.TryWrite(new LazyFlush(this));
            },
            state: null,
            TimeSpan.FromMilliseconds(200),
            Timeout.InfiniteTimeSpan);
    }

    private async Task RewriteJournalAsync()
    {
        try
        {
            await state.RewriteJournalAsync();
        }
        catch (Exception broken)
        {
            Fail(broken);
        }
    }

    private void Fail(Exception reason)
    {
        failure ??= StorageFailedException.From(reason);
        foreach (EngineRequest request in waiting) request.Fail(failure);
        foreach (EngineRequest request in flushing) request.Fail(failure);
        waiting.Clear();
        flushing.Clear();
        state.WakeAll();
        failed.TrySetResult(failure);
    }

    private sealed class FlushEnded(LogEngine engine, FlushRound round, Exception? broken) : EngineRequest
    {
        internal override bool IsWrite => false;

        internal override void Execute(EngineState state) => engine.EndFlush(round, broken);

        internal override void Complete(EngineState state)
        {
        }

        // The engine had failed before this round ended.
        internal override void Fail(Exception reason) => engine.isFlushing = false;
    }

    private sealed class Stop(LogEngine engine) : EngineRequest
    {
        internal override bool IsWrite => false;

        internal override void Execute(EngineState state) => engine.isStopping = true;

        internal override void Complete(EngineState state)
        {
        }

        internal override void Fail(Exception reason) => engine.isStopping = true;
    }

    private sealed class LazyFlush(LogEngine engine) : EngineRequest
    {
        internal override bool IsWrite => engine.state.HasUnflushed;

        internal override void Execute(EngineState state)
        {
            engine.isLazyFlushAsked = false;
            state.FlushHints();
        }

        internal override void Complete(EngineState state)
        {
        }

        internal override void Fail(Exception reason)
        {
        }
    }
}
