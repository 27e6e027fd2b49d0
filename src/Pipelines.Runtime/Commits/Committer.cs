using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime.Commits;

/// <summary>Takes the sealed epochs of all tasks and commits them in one transaction. One commit is in flight at a time.</summary>
internal sealed class Committer(WorkerOptions options, Topics topics, IReadOnlyList<Deployment> deployments)
{
    private readonly BrokerTransaction transaction = new();
    private readonly RecordBuffer progressRecords = new();
    private readonly List<(Deployment Deployment, TaskRunner Runner)> members = [];
    private readonly HashSet<(string Topic, int Partition)> moved = [];

    /// <summary>How far each deployment has come; replaced when it was read anew.</summary>
    internal Progress Progress { get; set; } = new();

    /// <summary>Commits made.</summary>
    internal long CommitCount { get; private set; }

    /// <summary>The number that the commit in flight has, or had when it failed.</summary>
    internal long PendingNumber { get; private set; }

    /// <summary>The tasks whose epochs are in the commit in flight.</summary>
    internal IReadOnlyList<(Deployment Deployment, TaskRunner Runner)> Members => members;

    /// <summary>Asks every task to seal and waits for their answers, but not for ever: who is busy in a handler misses this commit.</summary>
    internal async Task SealAsync()
    {
        int count = 0;
        foreach (Deployment deployment in deployments) count += deployment.Runners.Count;
        if (count == 0) return;
        var round = new SealRound(count);
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners) runner.Post(new TaskMessage(TaskMessageKind.Seal, Round: round));
        }

        if (round.Answered.IsCompleted) return;
        using ITimer patience = options.Clock.CreateTimer(
            static late => ((SealRound)late!).GiveUp(), round, options.CommitInterval, Timeout.InfiniteTimeSpan);
        await round.Answered;
    }

    /// <summary>Commits what is sealed.</summary>
    /// <returns><see langword="false"/> when nothing was.</returns>
    /// <exception cref="BrokerException">It is not known whether the commit happened.</exception>
    internal async Task<bool> CommitAsync(ITransactionalProducer producer)
    {
        Gather();
        if (members.Count == 0) return false;
        Build();
        await producer.CommitAsync(transaction);
        Acknowledge();
        return true;
    }

    /// <summary>The commit turned out to have happened, or has just: its tasks may let go of the epochs.</summary>
    private void Acknowledge()
    {
        Progress.CommitNumber = PendingNumber;
        CommitCount++;
        foreach ((_, TaskRunner runner) in members) runner.Committed();
        members.Clear();
    }

    /// <summary>What became of the commit was settled by going back.</summary>
    internal void Forget() => members.Clear();

    private void Gather()
    {
        members.Clear();
        foreach (Deployment deployment in deployments)
        {
            foreach (TaskRunner runner in deployment.Runners)
            {
                if (runner.IsSealed) members.Add((deployment, runner));
            }
        }
    }

    private void Build()
    {
        transaction.Clear();
        moved.Clear();
        progressRecords.Clear();
        long now = options.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach ((Deployment deployment, TaskRunner runner) in members)
        {
            foreach (DetectorTask component in runner.Components)
            {
                foreach (OutputPartition output in component.Scope.Outputs)
                {
                    if (output.Sealed.Count > 0) transaction.Writes.Add(new PartitionWrite(output.Topic, output.Partition, output.Sealed));
                }
            }

            foreach (TaskInput input in runner.Inputs)
            {
                if (input.Table is not null) continue;
                if (Progress.Find(deployment.Name, input.Topic, input.Partition) == input.Sealed) continue;
                Progress.Set(deployment.Name, input.Topic, input.Partition, input.Sealed);
                moved.Add((input.Topic, input.Partition));
            }
        }

        PendingNumber = Progress.CommitNumber + 1;
        Progress.WriteCommitNumber(PendingNumber, now, progressRecords);
        transaction.Group = options.Application;
        foreach ((string topic, int partition) in moved)
        {
            Progress.Write(topic, partition, now, progressRecords);
            transaction.Offsets.Add(new OffsetCommit(topic, partition, Progress.Least(topic, partition)!.Value));
        }

        transaction.Writes.Add(new PartitionWrite(topics.Progress, 0, progressRecords));
    }
}
