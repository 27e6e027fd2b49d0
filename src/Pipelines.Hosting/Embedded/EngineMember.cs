using Pipelines.Broker;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Hosting.Embedded;

/// <summary>The only member of its group: an engine in this process has no other worker of the application, so it gets everything.</summary>
internal sealed class EngineMember(LogEngine engine, GroupSubscription subscription) : IGroupMember
{
    private TaskCompletionSource<bool> changed = NewChange();

    /// <inheritdoc/>
    public string Name => "0";

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PartitionId>?> JoinAsync(IReadOnlyCollection<PartitionId> held)
    {
        if (changed.Task.IsCompleted) changed = NewChange();
        return new([.. subscription.TopicSets.SelectMany(static set => set).Distinct(StringComparer.Ordinal)
            .SelectMany(topic => Enumerable.Range(0, engine.FindTopic(topic)?.Partitions ?? 0).Select(partition => new PartitionId(topic, partition)))]);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ChangedAsync() => await changed.Task;

    /// <inheritdoc/>
    public void Lose() => changed.TrySetResult(false);

    /// <inheritdoc/>
    public ValueTask LeaveAsync()
    {
        changed.TrySetResult(true);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => LeaveAsync();

    private static TaskCompletionSource<bool> NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
