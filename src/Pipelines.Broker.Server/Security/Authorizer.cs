namespace Pipelines.Broker.Server.Security;

/// <summary>Says who may do what.</summary>
internal sealed class Authorizer(AuthorizationOptions options, LogEngine engine)
{
    private readonly HashSet<string> superUsers = new(options.SuperUsers, StringComparer.Ordinal);
    private volatile AclIndex index = new(engine.Acls);

    private AclIndex Index
    {
        get
        {
            AclIndex known = index;
            if (ReferenceEquals(known.Source, engine.Acls)) return known;
            return index = new AclIndex(engine.Acls);
        }
    }

    internal bool Allows(string principal, string host, Operation operation, ResourceKind kind, string name) =>
        superUsers.Contains(principal) || IsAllowed(Index.Judge(principal, host, operation, kind, name));

    /// <summary>Whether the operation is allowed on any resource of the kind.</summary>
    internal bool AllowsAny(string principal, string host, Operation operation, ResourceKind kind) =>
        superUsers.Contains(principal) || IsAllowed(Index.JudgeAny(principal, host, operation, kind));

    private bool IsAllowed(Verdict verdict) => verdict == Verdict.Allowed || (verdict == Verdict.NoRules && options.AllowsEveryoneIfNoAcl);
}
