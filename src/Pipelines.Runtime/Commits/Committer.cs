using Pipelines.Execution;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Tasks;

namespace Pipelines.Runtime.Commits;

/// <summary>Takes the sealed epochs of all tasks and commits them in one transaction. One commit is in flight at a time.</summary>
internal sealed class Committer(WorkerOptions options, Topics topics, IReadOnlyList<Deployment> deployments, Func<IGroupMember> member)
{
    private readonly BrokerTransaction transaction = new();
    private readonly RecordBuffer progressRecords = new();
    private readonly List<(Deployment Deployment, TaskRunner Runner)> members = [];
    private readonly HashSet<(string Topic, int Partition)> moved = [];

    /// <summary>Tells the commits of this worker from those of the ones before it, which may have had the same member name and numbers.</summary>
    private readonly string life = Guid.NewGuid().ToString("N");
    private long number;

    /// <summary>How far each deployment has come in the partitions that the worker holds.</summary>
    internal Progress Progress { get; } = new();

    /// <summary>Commits made.</summary>
    internal long CommitCount { get; private set; }

    /// <summary>The name that the commit in flight has, or had when it failed: unlike that of any other commit.</summary>
    private string Pending => $"{life}/{number}";

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
        CommitCount++;
        foreach ((_, TaskRunner runner) in members) runner.Committed();
        members.Clear();
    }

    /// <summary>How far a deployment has come in the partitions that its tasks here read.</summary>
    internal List<OffsetCommit> OffsetsOf(Deployment deployment)
    {
        var offsets = new List<OffsetCommit>();
        foreach (TaskRunner runner in deployment.Runners)
        {
            foreach (TaskInput input in runner.Inputs)
            {
                if (input.Table is not null || Progress.Find(deployment.Name, input.Topic, input.Partition) is not { } committed) continue;
                // Read before it is asked whether all of it is committed: what an idle task has gone past since its last commit are the ends of transactions.
                long processed = input.Processed;
                offsets.Add(new OffsetCommit(input.Topic, input.Partition, runner.IsIdle ? Math.Max(committed, processed) : committed));
            }
        }

        return offsets;
    }

    /// <summary>Did the commit that failed happen after all?</summary>
    /// <param name="read">The progress, read after a new producer had settled what became of the commit.</param>
    internal bool Happened(ProgressLog read) => members.Count > 0 && moved.Any(partition => read.CommitOf(partition.Topic, partition.Partition) == Pending);

    /// <summary>What became of the commit was settled by going back.</summary>
    internal void Forget() => members.Clear();

    /// <summary>The tasks whose epochs are on their way may have room now.</summary>
    private void MakeRoom()
    {
        foreach ((_, TaskRunner runner) in members) runner.MakeRoom();
    }

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
                    if (output.Sealed.Count == 0) continue;
                    topics.Ages.Written(output.Topic, output.Sealed);
                    transaction.Writes.Add(new PartitionWrite(output.Topic, output.Partition, output.Sealed));
                }
            }

            foreach (TaskInput input in runner.Inputs)
            {
                if (input.Table is not null) continue;
                // Inputs that did not move too: the offsets in a transaction are what fences a worker whose partition is another's by now.
                Progress.Set(deployment.Name, input.Topic, input.Partition, input.Sealed);
                moved.Add((input.Topic, input.Partition));
            }
        }

        number++;
        byte[] header = Progress.HeaderOf(Pending);
        transaction.OnTaken ??= MakeRoom;
        transaction.Group = options.Application;
        transaction.Member = member();
        foreach ((string topic, int partition) in moved)
        {
            Progress.Write(topic, partition, header, now, progressRecords);
            transaction.Offsets.Add(new OffsetCommit(topic, partition, Progress.Least(topic, partition)!.Value));
        }

        transaction.Writes.Add(new PartitionWrite(topics.Progress, 0, progressRecords));
    }
}
