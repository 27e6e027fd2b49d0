using Microsoft.Extensions.Logging;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Commits;
using Pipelines.Runtime.Reading;

namespace Pipelines.Runtime;

/// <summary>Runs deployments on one broker: reads each partition once, runs a task per deployment and partition, and commits all of them in one transaction.</summary>
/// <remarks>
/// Created => Running: <see cref="StartAsync"/>. Running => Recovering => Running: a commit failed; the producer is opened anew, which
/// fences the old, and the tasks go back to what is known to be committed. Running => Stopped: <see cref="StopAsync"/>. Any => Failed: the broker
/// itself is gone; <see cref="Completion"/> tells why.
/// </remarks>
public sealed partial class PipelineWorker : IAsyncDisposable
{
    private readonly IBroker broker;
    private readonly WorkerOptions options;
    private readonly ILogger logger;
    private readonly List<Deployment> deployments = [];
    private readonly Topics topics;
    private readonly Committer committer;
    private readonly ReaderContext readerContext;
    private readonly Signal commitSignal = new();
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(PartitionReader Reader, Task Loop)> readers = [];
    private readonly List<Task> runnerLoops = [];
    private ITransactionalProducer? producer;
    private Task? commitLoop;
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
        topics = new Topics(broker, options);
        committer = new Committer(options, topics, this.deployments);
        readerContext = new ReaderContext
        {
            Broker = broker,
            Clock = options.Clock,
            Scheduler = options.Scheduler,
            FetchBytes = options.FetchBytes,
            FetchWait = options.FetchWait,
            DetachAfter = options.DetachAfter,
            OnFailure = OnReadFailure,
            OnGap = (reader, wanted, start) => WorkerLog.Gap(logger, reader.Topic, reader.Partition, wanted, start),
            OnDetach = subscription => WorkerLog.Detached(logger, subscription.Topic, subscription.Partition),
            OnAttach = subscription => WorkerLog.Attached(logger, subscription.Topic, subscription.Partition),
        };
    }

    /// <summary>The deployments.</summary>
    public IReadOnlyList<Deployment> Deployments => deployments;

    /// <summary>Ends when the worker has stopped; fails when the broker is gone.</summary>
    public Task Completion => completion.Task;

    /// <summary>Commits made since the start.</summary>
    public long CommitCount => committer.CommitCount;

    /// <summary>Finds or creates the topics, takes the transactional id over, restores state and begins to read.</summary>
    /// <exception cref="BrokerException">The broker cannot be used.</exception>
    public async Task StartAsync()
    {
        await OnScheduler(StartCoreAsync);
    }

    /// <summary>Stops reading, commits what is done, and ends the loops. Nothing is lost: what was read and not committed is read again at the next start.</summary>
    public async Task StopAsync()
    {
        if (isStopping)
        {
            await completion.Task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, options.Scheduler);
            return;
        }

        isStopping = true;
        await OnScheduler(StopCoreAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StartCoreAsync()
    {
        await topics.EnsureAsync(topics.Progress, 1, isCompacted: true);
        await topics.EnsureAsync(topics.DeadLetters, 1, isCompacted: false);
        producer = await broker.OpenProducerAsync($"{options.Application}-0");
        committer.Progress = await ReadProgressAsync();
        foreach (Deployment deployment in deployments) await PrepareAsync(deployment);
        foreach (Deployment deployment in deployments)
        {
            foreach (Tasks.TaskRunner runner in deployment.Runners) runnerLoops.Add(StartLoop(runner.RunAsync));
            deployment.Started();
        }

        StartReaders();
        commitLoop = StartLoop(CommitLoopAsync);
    }

    private async Task StopCoreAsync()
    {
        commitSignal.Set();
        if (commitLoop is not null) await commitLoop;
        await StopReadersAsync();
        if (!completion.Task.IsCompleted) await CommitLastAsync();
        foreach (Deployment deployment in deployments)
        {
            foreach (Tasks.TaskRunner runner in deployment.Runners) runner.Complete();
        }

        foreach (Task loop in runnerLoops) await loop;
        if (producer is not null) await producer.DisposeAsync();
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
            WorkerLog.LastCommitFailed(logger, failure);
        }
    }

    private void Fail(Exception reason)
    {
        // Several loops meet the same failure; it is told once.
        if (completion.TrySetException(reason)) WorkerLog.Failed(logger, reason);
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
