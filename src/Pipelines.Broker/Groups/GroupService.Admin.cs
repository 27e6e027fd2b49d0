using Pipelines.Broker.Log;

namespace Pipelines.Broker.Groups;

/// <content>What tools ask. A group may be known by its offsets alone: its consumer chose the partitions itself.</content>
public sealed partial class GroupService
{
    /// <summary>All groups; the caller filters.</summary>
    /// <exception cref="StorageFailedException">The storage has failed, or the engine was closed.</exception>
    public async Task<IReadOnlyList<GroupListing>> ListAsync()
    {
        HashSet<string> withOffsets = await engine.FindGroupsWithOffsetsAsync();
        var listings = new List<GroupListing>();
        Do(coordinator => listings.AddRange(coordinator.List()));
        foreach (GroupListing listing in listings) withOffsets.Remove(listing.GroupId);
        listings.AddRange(withOffsets.Select(static name => new GroupListing(name, "", GroupState.Empty)));
        listings.Sort(static (one, other) => string.CompareOrdinal(one.GroupId, other.GroupId));
        return listings;
    }

    /// <summary>A group with its members.</summary>
    /// <exception cref="StorageFailedException">The storage has failed, or the engine was closed.</exception>
    public async Task<GroupDescription> DescribeAsync(string groupId)
    {
        HashSet<string> withOffsets = await engine.FindGroupsWithOffsetsAsync();
        GroupDescription? found = null;
        Do(coordinator => found = coordinator.Describe(groupId));
        if (found is not null) return found;
        return withOffsets.Contains(groupId)
            ? new GroupDescription(ErrorCode.None, groupId, GroupState.Empty, "", "", [])
            : new GroupDescription(ErrorCode.GroupIdNotFound, groupId, GroupState.Dead, "", "", []);
    }

    /// <summary>Deletes an empty group with its offsets.</summary>
    /// <exception cref="StorageFailedException">The storage has failed, or the engine was closed.</exception>
    public Task<ErrorCode> DeleteAsync(string groupId)
    {
        Task<ErrorCode>? answer = null;
        Do(coordinator =>
        {
            ErrorCode error = coordinator.Delete(groupId);
            answer = error is ErrorCode.None or ErrorCode.GroupIdNotFound ? engine.DeleteGroupAsync(groupId, isKnown: error == ErrorCode.None) : Task.FromResult(error);
        });
        return answer ?? Task.FromResult(ErrorCode.CoordinatorNotAvailable);
    }

    /// <summary>Deletes offsets of a group, those of topics that its members read excepted.</summary>
    /// <returns>The request's error, and without one an error for each partition.</returns>
    /// <exception cref="StorageFailedException">The storage has failed, or the engine was closed.</exception>
    public async Task<(ErrorCode Error, IReadOnlyList<ErrorCode> Partitions)> DeleteOffsetsAsync(string groupId, IReadOnlyList<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        HashSet<string> withOffsets = await engine.FindGroupsWithOffsetsAsync();
        ErrorCode error = ErrorCode.CoordinatorNotAvailable;
        var errors = new ErrorCode[partitions.Count];
        Task<ErrorCode>? answer = null;
        Do(coordinator =>
        {
            error = coordinator.CheckOffsetDelete(groupId);
            if (error == ErrorCode.None && !withOffsets.Contains(groupId) && coordinator.Describe(groupId) is null) error = ErrorCode.GroupIdNotFound;
            if (error != ErrorCode.None) return;
            for (int i = 0; i < errors.Length; i++)
            {
                if (engine.FindOffsets(partitions[i]) is null) errors[i] = ErrorCode.UnknownTopicOrPartition;
                else if (coordinator.IsSubscribedTo(groupId, partitions[i].Topic)) errors[i] = ErrorCode.GroupSubscribedToTopic;
            }

            TopicPartition[] free = [.. partitions.Where((_, index) => errors[index] == ErrorCode.None)];
            if (free.Length > 0) answer = engine.DeleteOffsetsAsync(groupId, free);
        });
        if (answer is not null) error = await answer;
        return (error, error == ErrorCode.None ? errors : []);
    }

    /// <summary>Forgets groups that are empty and have no offsets, so that names which were used once do not stay for ever.</summary>
    internal async Task CleanUpAsync()
    {
        try
        {
            await DeleteIdleAsync();
        }
        catch (StorageFailedException)
        {
            // Whoever writes next is told.
        }
    }

    private async Task DeleteIdleAsync()
    {
        HashSet<string> withOffsets = await engine.FindGroupsWithOffsetsAsync();
        var deleted = new List<Task>();
        Do(coordinator =>
        {
            GroupListing[] idle = [.. coordinator.List().Where(group => group.State == GroupState.Empty && !withOffsets.Contains(group.GroupId))];
            foreach (GroupListing group in idle)
            {
                if (coordinator.IsIdle(group.GroupId) && coordinator.Delete(group.GroupId) == ErrorCode.None) deleted.Add(engine.ForgetGroupAsync(group.GroupId));
            }
        });
        foreach (Task task in deleted) await task;
    }
}
