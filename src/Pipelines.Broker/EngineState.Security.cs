using System.Collections.Immutable;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Security;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker;

/// <content>Credentials and access control lists. Others look at them beside the loop, so they are replaced, never changed.</content>
internal sealed partial class EngineState
{
    private volatile ImmutableDictionary<(string User, SaslMechanism Mechanism), ScramKeys> credentials = ImmutableDictionary<(string, SaslMechanism), ScramKeys>.Empty;
    private volatile ImmutableHashSet<AclRule> acls = [];

    internal ImmutableDictionary<(string User, SaslMechanism Mechanism), ScramKeys> Credentials => credentials;

    internal ImmutableHashSet<AclRule> Acls => acls;

    internal Outcome<ErrorCode> ChangeCredentials(IReadOnlyList<ScramChange> changes)
    {
        ScramChanged[] entries = [.. changes.Select(static change => new ScramChanged(change))];
        foreach (ScramChanged entry in entries) journal.Append(entry);
        return new(ErrorCode.None, IsWrite: true, () => Array.ForEach(entries, ReplaySecurity));
    }

    /// <summary>Also what is there already is written: it may be about to be deleted.</summary>
    internal Outcome<ErrorCode> CreateAcls(IReadOnlyList<AclRule> rules)
    {
        if (rules.Count == 0) return new(ErrorCode.None);
        var entry = new AclsCreated(rules);
        journal.Append(entry);
        return new(ErrorCode.None, IsWrite: true, () => ReplaySecurity(entry));
    }

    /// <summary>Deletes the rules that filters take.</summary>
    /// <returns>What was deleted, by filter.</returns>
    internal Outcome<IReadOnlyList<IReadOnlyList<AclRule>>> DeleteAcls(IReadOnlyList<AclFilter> filters)
    {
        List<IReadOnlyList<AclRule>> found = [.. filters.Select(filter => acls.Where(filter.Takes).ToList())];
        AclRule[] all = [.. found.SelectMany(static rules => rules).Distinct()];
        if (all.Length == 0) return new(found);
        var entry = new AclsDeleted(all);
        journal.Append(entry);
        return new(found, IsWrite: true, () => ReplaySecurity(entry));
    }

    private void ReplaySecurity(JournalEntry entry)
    {
        switch (entry)
        {
            case ScramChanged { Change: var change }:
                credentials = change.Keys is { } keys ? credentials.SetItem((change.User, change.Mechanism), keys) : credentials.Remove((change.User, change.Mechanism));
                break;
            case AclsCreated created:
                acls = acls.Union(created.Rules);
                break;
            case AclsDeleted deleted:
                acls = acls.Except(deleted.Rules);
                break;
        }
    }

    private IEnumerable<JournalEntry> SecurityFacts()
    {
        foreach (((string user, SaslMechanism mechanism), ScramKeys keys) in credentials) yield return new ScramChanged(new ScramChange(user, mechanism, keys));
        if (acls.Count > 0) yield return new AclsCreated([.. acls]);
    }
}
