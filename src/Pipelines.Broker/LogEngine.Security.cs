using System.Collections.Immutable;
using Pipelines.Broker.Security;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker;

/// <content>What the journal keeps of users and of what they may do.</content>
public sealed partial class LogEngine
{
    /// <summary>The credentials as they are now.</summary>
    internal ImmutableDictionary<(string User, SaslMechanism Mechanism), ScramKeys> Credentials => state.Credentials;

    /// <summary>The access control lists as they are now; another object after every change.</summary>
    internal ImmutableHashSet<AclRule> Acls => state.Acls;

    internal Task<ErrorCode> ChangeCredentialsAsync(IReadOnlyList<ScramChange> changes) => Ask(state => state.ChangeCredentials(changes));

    internal Task<ErrorCode> CreateAclsAsync(IReadOnlyList<AclRule> rules) => Ask(state => state.CreateAcls(rules));

    internal Task<IReadOnlyList<IReadOnlyList<AclRule>>> DeleteAclsAsync(IReadOnlyList<AclFilter> filters) => Ask(state => state.DeleteAcls(filters));
}
