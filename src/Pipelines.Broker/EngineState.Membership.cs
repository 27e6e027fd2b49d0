using System.Collections.Immutable;
using Pipelines.Broker.Groups;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;

namespace Pipelines.Broker;

/// <content>What the group coordinator keeps here, and the deletion of groups and of their offsets.</content>
internal sealed partial class EngineState
{
    private readonly Dictionary<string, GroupSnapshot> memberships = new(StringComparer.Ordinal);

    // Others look at it beside the loop, so it is replaced, never changed. A group need not be there to have settings.
    private volatile ImmutableDictionary<string, IReadOnlyDictionary<string, string>> groupSettings = ImmutableDictionary<string, IReadOnlyDictionary<string, string>>.Empty;

    internal IReadOnlyDictionary<string, string> SettingsOfGroup(string group) => groupSettings.GetValueOrDefault(group) ?? ImmutableDictionary<string, string>.Empty;

    internal Outcome<ErrorCode> AlterGroup(string group, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>?> change)
    {
        if (change(SettingsOfGroup(group)) is not { } settings) return new(ErrorCode.InvalidConfig);
        var entry = new GroupAltered(group, settings);
        journal.Append(entry);
        Apply(entry);
        return new(ErrorCode.None, IsWrite: true);
    }

    internal Outcome<ErrorCode> SaveGroup(GroupSnapshot snapshot)
    {
        journal.Append(new GroupSaved(snapshot));
        return new(ErrorCode.None, IsWrite: true, () => memberships[snapshot.GroupId] = snapshot);
    }

    internal Outcome<ErrorCode> DeleteGroup(string group, bool isKnown)
    {
        if (!isKnown && !groups.ContainsKey(group) && !memberships.ContainsKey(group)) return new(ErrorCode.GroupIdNotFound);
        var entry = new GroupDeleted(group, KeepsOffsets: false);
        journal.Append(entry);
        return new(ErrorCode.None, IsWrite: true, () => Apply(entry));
    }

    /// <summary>Forgets the members' history; offsets that are being committed meanwhile stay.</summary>
    internal Outcome<ErrorCode> ForgetGroup(string group)
    {
        var entry = new GroupDeleted(group, KeepsOffsets: true);
        journal.Append(entry);
        return new(ErrorCode.None, IsWrite: true, () => Apply(entry));
    }

    internal Outcome<ErrorCode> DeleteOffsets(string group, IReadOnlyList<TopicPartition> partitions)
    {
        var entry = new GroupOffsetsDeleted(group, partitions);
        journal.Append(entry);
        return new(ErrorCode.None, IsWrite: true, () => Apply(entry));
    }

    internal Outcome<GroupSnapshot[]> SavedGroups() => new([.. memberships.Values]);

    /// <summary>The groups that have committed offsets, or are about to with a transaction.</summary>
    internal Outcome<HashSet<string>> GroupsWithOffsets()
    {
        var names = new HashSet<string>(groups.Keys, StringComparer.Ordinal);
        foreach (Transactions.TransactionState transaction in transactions.Values) names.UnionWith(transaction.Groups.Keys);
        return new(names);
    }

    private void ReplayMembership(JournalEntry entry)
    {
        switch (entry)
        {
            case GroupSaved saved:
                memberships[saved.Snapshot.GroupId] = saved.Snapshot;
                break;
            case GroupDeleted deleted:
                Apply(deleted);
                break;
            case GroupOffsetsDeleted deleted:
                Apply(deleted);
                break;
            case GroupAltered altered:
                Apply(altered);
                break;
        }
    }

    private void Apply(GroupAltered altered) =>
        groupSettings = altered.Settings.Count == 0 ? groupSettings.Remove(altered.GroupId) : groupSettings.SetItem(altered.GroupId, altered.Settings);

    private void Apply(GroupDeleted deleted)
    {
        if (!deleted.KeepsOffsets) groups.Remove(deleted.GroupId);
        memberships.Remove(deleted.GroupId);
    }

    private void Apply(GroupOffsetsDeleted deleted)
    {
        if (!groups.TryGetValue(deleted.GroupId, out Dictionary<TopicPartition, GroupOffset>? offsets)) return;
        foreach (TopicPartition partition in deleted.Partitions) offsets.Remove(partition);
        if (offsets.Count == 0) groups.Remove(deleted.GroupId);
    }
}
