using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Commits;
using Pipelines.Runtime.Reading;
using Pipelines.Runtime.Restore;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime;

/// <content>Commits, recovery from a failed commit, readers, and waiting for the end of the input.</content>
public sealed partial class PipelineWorker
{
    /// <summary>Waits until everything that is in the inputs now is handled and committed, through internal topics too.</summary>
    public async Task DrainAsync()
    {
        await OnScheduler(async () =>
        {
            while (!completion.Task.IsCompleted && !await IsDrainedAsync())
                await Task.Delay(TimeSpan.FromMilliseconds(10), options.Clock);
        });
        if (completion.Task.IsFaulted) await completion.Task;
    }

    private async Task<bool> IsDrainedAsync()
    {
        if (!AllIdle()) return false;
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                if (runner.IsStopped) continue;
                foreach (TaskInput input in runner.Inputs)
                {
                    PartitionRange range = await broker.GetRangeAsync(input.Topic, input.Partition);
                    if (input.Processed < range.End) return false;
                }
            }
        }

        return AllIdle();
    }

    private bool AllIdle()
    {
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                if (!runner.IsIdle) return false;
            }
        }

        return true;
    }

    private async Task CommitLoopAsync()
    {
        while (!isStopping)
        {
            using (options.Clock.CreateTimer(static signal => ((Signal)signal!).Set(), commitSignal, options.CommitInterval, Timeout.InfiniteTimeSpan))
                await commitSignal.WaitAsync();
            if (isStopping) return;
            try
            {
                await committer.SealAsync();
                await committer.CommitAsync(producer!);
            }
            catch (BrokerException failure)
            {
                if (!await RecoverAsync(failure)) return;
            }
        }
    }

    /// <summary>After a commit of which nothing certain is known: a new producer fences the old one, then the committed progress decides.</summary>
    private async Task<bool> RecoverAsync(BrokerException failure)
    {
        WorkerLog.CommitFailed(logger, failure);
        await StopReadersAsync();
        while (!isStopping)
        {
            try
            {
                if (failure.IsFatal) break;
                if (producer is not null) await producer.DisposeAsync();
                producer = null;
                producer = await broker.OpenProducerAsync($"{options.Application}-0");
                Progress progress = await ReadProgressAsync();
                bool happened = progress.CommitNumber == committer.PendingNumber && committer.Members.Count > 0;
                await RewindAsync(happened);
                committer.Progress = progress;
                committer.Forget();
                WorkerLog.Recovered(logger, happened ? "was committed" : "was not committed and is done again");
                StartReaders();
                return true;
            }
            catch (BrokerException again)
            {
                failure = again;
                WorkerLog.RecoveryFailed(logger, again);
                if (!again.IsFatal) await Task.Delay(options.RecoveryDelay, options.Clock);
            }
        }

        Fail(failure);
        return false;
    }

    private async Task RewindAsync(bool isSealedCommitted)
    {
        var requests = new List<RewindRequest>();
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                bool isMember = committer.Members.Any(member => ReferenceEquals(member.Runner, runner));
                var request = new RewindRequest(isSealedCommitted && isMember);
                requests.Add(request);
                runner.Post(new TaskMessage(TaskMessageKind.Rewind, Rewind: request));
            }
        }

        foreach (RewindRequest request in requests) await request.Done.Task;
    }

    private async Task<Progress> ReadProgressAsync()
    {
        var progress = new Progress();
        try
        {
            await LogReader.ReadAsync(readerContext, topics.Progress, 0, progress.Read);
        }
        catch (RecordFormatException foreign)
        {
            throw new BrokerException(foreign.Message, isFatal: true, foreign);
        }

        return progress;
    }

    private void StartReaders()
    {
        var wanted = new Dictionary<(string Topic, int Partition), List<(TaskRunner Runner, TaskInput Input)>>();
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                if (runner.IsStopped) continue;
                foreach (TaskInput input in runner.Inputs)
                {
                    if (!wanted.TryGetValue((input.Topic, input.Partition), out List<(TaskRunner, TaskInput)>? members))
                        wanted.Add((input.Topic, input.Partition), members = []);
                    members.Add((runner, input));
                }
            }
        }

        foreach (((string topic, int partition), List<(TaskRunner Runner, TaskInput Input)> members) in wanted)
        {
            var reader = new PartitionReader(readerContext, topic, partition, members.Min(static member => member.Input.Committed));
            foreach ((TaskRunner runner, TaskInput input) in members)
            {
                var subscription = new Subscription(topic, partition, options.TaskCapacityBatches, runner.Accept) { NextOffset = input.Committed };
                input.LastRecordAt = options.Clock.GetTimestamp();
                input.Subscription = subscription;
                reader.Attach(subscription);
            }

            readers.Add((reader, StartLoop(reader.RunAsync)));
        }
    }

    private async Task StopReadersAsync()
    {
        foreach ((PartitionReader reader, _) in readers) reader.Stop();
        foreach ((_, Task loop) in readers) await loop;
        readers.Clear();
    }

    private void OnReadFailure(PartitionReader reader, BrokerException failure)
    {
        WorkerLog.ReadFailed(logger, reader.Topic, reader.Partition, failure);
        if (failure.IsFatal) Fail(failure);
    }
}
