using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Commits;
using Pipelines.Runtime.Groups;
using Pipelines.Runtime.Reading;
using Pipelines.Runtime.Shards;
using Pipelines.Runtime.Tasks;
using Pipelines.Runtime.Watching;

namespace Pipelines.Runtime;

/// <summary>Runs deployments on one broker, on the partitions that the group gives it: reads each once, runs a task per deployment and partition, and commits all of them in one transaction.</summary>
/// <remarks>
/// Created => Running: <see cref="StartAsync"/>. Running => Recovering => Running: a commit failed; the producer is opened anew, which
/// fences the old, and the tasks go back to what is known to be committed. Running => Stopped: <see cref="StopAsync"/>. Any => Failed: the broker
/// itself is gone; <see cref="Completion"/> tells why.
/// One loop, the commit loop, owns the shards that run: between two commits it recovers, gives shards back, and starts those that were restored meanwhile.
/// </remarks>
public sealed partial class PipelineWorker : IAsyncDisposable
{
    private const long LeastEpochBytes = 128 * 1024;
    private const int LeastFetchBytes = 32 * 1024;

    private readonly IBroker broker;
    private readonly WorkerOptions options;
    private readonly ILogger logger;
    private readonly List<Deployment> deployments = [];
    private readonly Topics topics;
    private readonly Committer committer;
    private readonly MemoryBudget epochs;
    private readonly MemoryBudget fetches;
    private readonly ReaderContext readerContext;
    private readonly Signal commitSignal = new();
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<IReadOnlyList<Shard>> toRestore = Channel.CreateUnbounded<IReadOnlyList<Shard>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ProgressLog progressLog;
    private readonly Recurring mirroring;
    private readonly Recurring purging;
    private readonly Recurring watching;
    private readonly Watchdog watchdog;
    private ShardMap shardMap = null!;
    private IGroupMember member = null!;
    private ITransactionalProducer? producer;
    private Task? commitLoop;
    private Task? groupLoop;
    private Task? restoreLoop;
    private volatile bool isStopping;

    /// <summary>A worker on <paramref name="broker"/>, which it does not dispose of.</summary>
    public PipelineWorker(IBroker broker, IEnumerable<Deployment> deployments, WorkerOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentNullException.ThrowIfNull(deployments);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        this.broker = broker;
        this.options = options;
        this.logger = logger;
        this.deployments.AddRange(deployments);
        topics = new Topics(broker, options, logger);
        epochs = new MemoryBudget(options.EpochBytes, Math.Min(LeastEpochBytes, options.EpochBytes));
        // Each reader has as many fetches as its tasks have room for, and the one that comes next.
        fetches = new MemoryBudget(options.ReadAheadBytes / (options.TaskCapacityBatches + 1), Math.Min(LeastFetchBytes, options.FetchBytes), options.FetchBytes);
        committer = new Committer(options, topics, this.deployments, () => member);
        readerContext = new ReaderContext
        {
            Broker = broker,
            Clock = options.Clock,
            Scheduler = options.Scheduler,
            FetchBytes = options.FetchBytes,
            Fetches = fetches,
            FetchWait = options.FetchWait,
            DetachAfter = options.DetachAfter,
            OnRead = topics.Ages.Read,
            OnFailure = OnReadFailure,
            OnGap = (reader, wanted, start) => WorkerLog.Gap(logger, reader.Topic, reader.Partition, wanted, start),
            OnDetach = subscription => WorkerLog.Detached(logger, subscription.Topic, subscription.Partition),
            OnAttach = subscription => WorkerLog.Attached(logger, subscription.Topic, subscription.Partition),
        };
        progressLog = new ProgressLog(readerContext, topics.Progress);
        mirroring = new Recurring(options.MirrorInterval, options.Clock);
        purging = new Recurring(options.PurgeInterval, options.Clock);
        watching = new Recurring(options.WatchInterval, options.Clock);
        watchdog = new Watchdog(readerContext, logger, options.Application, topics, WatchRepeat);
    }

    /// <summary>The deployments.</summary>
    public IReadOnlyList<Deployment> Deployments => deployments;

    /// <summary>Ends when the worker has stopped; fails when the broker is gone.</summary>
    public Task Completion => completion.Task;

    /// <summary>Commits made since the start.</summary>
    public long CommitCount => committer.CommitCount;

    /// <summary>Finds or creates the topics, takes the transactional id over, joins the group, restores the state of the partitions that it gives, and begins to read.</summary>
    /// <remarks>While the broker cannot be reached it waits and says so.</remarks>
    /// <exception cref="BrokerException">The broker refuses, or cannot be used with these settings.</exception>
    /// <exception cref="TopologyException">No deployment fits the topics.</exception>
    public async Task StartAsync()
    {
        await OnScheduler(StartCoreAsync);
    }

    /// <summary>Stops reading, commits what is done, leaves the group, and ends the loops. Nothing is lost: what was read and not committed is read again at the next start.</summary>
    public async Task StopAsync()
    {
        if (isStopping)
        {
            await completion.Task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, options.Scheduler);
            return;
        }

        isStopping = true;
        readerContext.IsStopping = true;
        await OnScheduler(StopCoreAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StartCoreAsync()
    {
        while (!await TryOpenAsync()) await Task.Delay(options.RecoveryDelay, options.Clock);
        if (isStopping) throw new BrokerException("The worker was stopped before it had started.", isFatal: false);
        mirroring.Restart();
        purging.Restart();
        watching.Restart();
        restoreLoop = StartLoop(RestoreLoopAsync);
        groupLoop = StartLoop(GroupLoopAsync);
        commitLoop = StartLoop(CommitLoopAsync);
        await started.Task;
    }

    /// <summary>Opens what the worker needs of the broker.</summary>
    /// <returns><see langword="false"/> when the broker cannot serve at the moment.</returns>
    private async Task<bool> TryOpenAsync()
    {
        try
        {
            await OpenAsync();
            return true;
        }
        catch (BrokerException passing) when (!passing.IsFatal && !isStopping)
        {
            WorkerLog.StartFailed(logger, passing.Message);
            return false;
        }
    }

    private async Task OpenAsync()
    {
        await topics.EnsureLogAsync(topics.Progress, 1);
        await topics.EnsureAsync(topics.DeadLetters, 1, isCompacted: false);
        var layouts = new List<DeploymentLayout>();
        foreach (Deployment deployment in deployments)
        {
            if (deployment.Status != DeploymentStatus.Stopped && await LayOutAsync(deployment) is { } layout) layouts.Add(layout);
        }

        // A process that does nothing would look alive.
        if (layouts.Count == 0 && deployments.Count > 0) throw deployments[0].StopReason!;
        IReadOnlyList<IReadOnlyList<string>> sets = TopicSets.Merge(layouts.Select(static layout => layout.Inputs));
        shardMap = new ShardMap(sets, layouts, topics.PartitionsOf);
        member ??= await broker.OpenMemberAsync(new GroupSubscription(options.Application, sets));
        // Before the group knows of this process: whoever had the name before is fenced, and has nothing open any more.
        producer = await broker.OpenProducerAsync(TransactionalId, topics.Known);
    }

    private string TransactionalId => $"{options.Application}-{member.Name}";

    private async Task StopCoreAsync()
    {
        commitSignal.Set();
        if (commitLoop is not null) await commitLoop;
        await mirroring.Work;
        await purging.Work;
        await watching.Work;
        foreach (Shard shard in shards) shard.EndReading();
        if (!completion.Task.IsCompleted) await CommitLastAsync();
        await EndMembershipAsync();
        foreach (Shard shard in shards) await DropAsync(shard);
        toRestore.Writer.TryComplete();
        if (restoreLoop is not null) await restoreLoop;
        if (producer is not null) await producer.DisposeAsync();
        started.TrySetCanceled();
        completion.TrySetResult();
    }

    private async Task CommitLastAsync()
    {
        try
        {
            // What a task still has waiting is dropped; what it has done is committed.
            foreach (Deployment deployment in deployments)
            {
                foreach (Tasks.TaskRunner runner in deployment.Runners) runner.IsPaused = true;
            }

            await committer.SealAsync();
            if (producer is not null) await committer.CommitAsync(producer);
        }
        catch (BrokerException failure)
        {
            WorkerLog.LastCommitFailed(logger, failure.Message);
        }
    }

    private void Fail(Exception reason)
    {
        // Several loops meet the same failure; it is told once.
        if (completion.TrySetException(reason)) WorkerLog.Failed(logger, reason.Message, WorkerLog.Unexpected(reason));
        started.TrySetException(reason);
    }

    /// <summary>Starts a loop whose unexpected end is the worker's.</summary>
    private Task StartLoop(Func<Task> loop) => readerContext.Start(async () =>
    {
        try
        {
            await loop();
        }
        catch (Exception broken)
        {
            Fail(broken);
        }
    });

    private Task OnScheduler(Func<Task> work) => readerContext.Start(work);
}
