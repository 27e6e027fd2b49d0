using Pipelines.Broker.Groups;
using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <content>What the group coordinator keeps in the journal.</content>
public sealed partial class LogEngine
{
    internal EngineOptions Options => options;

    internal Task<ErrorCode> SaveGroupAsync(GroupSnapshot snapshot) => Ask(state => state.SaveGroup(snapshot));

    internal Task<ErrorCode> DeleteGroupAsync(string group, bool isKnown) => Ask(state => state.DeleteGroup(group, isKnown));

    internal Task<ErrorCode> ForgetGroupAsync(string group) => Ask(state => state.ForgetGroup(group));

    internal Task<ErrorCode> DeleteOffsetsAsync(string group, IReadOnlyList<TopicPartition> partitions) => Ask(state => state.DeleteOffsets(group, partitions));

    internal Task<GroupSnapshot[]> FindSavedGroupsAsync() => Ask(static state => state.SavedGroups());

    internal Task<HashSet<string>> FindGroupsWithOffsetsAsync() => Ask(static state => state.GroupsWithOffsets());
}
