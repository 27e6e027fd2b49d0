using System.Collections.Immutable;

namespace Pipelines.Broker.Server.Security;

/// <summary>The access control lists, to be asked often.</summary>
/// <remarks>
/// A rule that denies wins over all that allow. To be allowed to read, write, delete or alter is to be allowed to describe, and so it is with settings;
/// to be denied one of these says nothing about the other. Source: KIP-11, KIP-290.
/// </remarks>
internal sealed class AclIndex
{
    private readonly Dictionary<(ResourceKind Kind, string Name), List<AclRule>> literal = [];
    private readonly Dictionary<ResourceKind, List<AclRule>> prefixed = [];

    internal AclIndex(ImmutableHashSet<AclRule> source)
    {
        Source = source;
        foreach (AclRule rule in source)
        {
            if (rule.Pattern == PatternKind.Prefixed) ListOf(prefixed, rule.Kind).Add(rule);
            else ListOf(literal, (rule.Kind, rule.Name)).Add(rule);
        }
    }

    /// <summary>The rules that it was made of.</summary>
    internal ImmutableHashSet<AclRule> Source { get; }

    /// <summary>What the rules say.</summary>
    internal Verdict Judge(string principal, string host, Operation operation, ResourceKind kind, string name)
    {
        var verdict = Verdict.NoRules;
        Judge(literal.GetValueOrDefault((kind, name)));
        // A resource that is called like the wildcard has its rules already.
        if (name != AclRule.Wildcard) Judge(literal.GetValueOrDefault((kind, AclRule.Wildcard)));
        Judge(prefixed.GetValueOrDefault(kind));
        return verdict;

        void Judge(List<AclRule>? rules)
        {
            if (rules is null) return;
            foreach (AclRule rule in rules)
            {
                if (!rule.Covers(name)) continue;
                Verdict one = !rule.IsAbout(principal, host) ? Verdict.NotAllowed
                    : rule.Permission == Permission.Deny ? (Names(rule, operation) ? Verdict.Denied : Verdict.NotAllowed)
                    : Names(rule, operation) || Implies(rule.Operation, operation) ? Verdict.Allowed : Verdict.NotAllowed;
                if (one > verdict) verdict = one;
            }
        }
    }

    /// <summary>What the rules say of the operation on some resource or other, which need not exist (KIP-679).</summary>
    internal Verdict JudgeAny(string principal, string host, Operation operation, ResourceKind kind)
    {
        List<AclRule> rules = [.. Source.Where(rule => rule.Kind == kind && rule.IsAbout(principal, host) && Names(rule, operation))];
        List<AclRule> denying = [.. rules.Where(static rule => rule.Permission == Permission.Deny)];
        if (denying.Exists(static rule => rule is { Pattern: PatternKind.Literal, Name: AclRule.Wildcard })) return Verdict.Denied;
        bool isAllowed = rules.Exists(rule => rule.Permission == Permission.Allow && !denying.Exists(deny => Leaves(deny, rule) is false));
        return isAllowed ? Verdict.Allowed : Verdict.NoRules;
    }

    /// <summary>False when a rule that denies leaves nothing of one that allows.</summary>
    private static bool Leaves(AclRule deny, AclRule allow) =>
        allow.Name == AclRule.Wildcard && allow.Pattern == PatternKind.Literal
        || (deny.Pattern == PatternKind.Prefixed ? !allow.Name.StartsWith(deny.Name, StringComparison.Ordinal) : allow.Pattern == PatternKind.Prefixed || allow.Name != deny.Name);

    private static bool Names(AclRule rule, Operation operation) => rule.Operation == Operation.All || rule.Operation == operation;

    private static bool Implies(Operation allowed, Operation asked) => asked switch
    {
        Operation.Describe => allowed is Operation.Read or Operation.Write or Operation.Delete or Operation.Alter,
        Operation.DescribeConfigs => allowed is Operation.AlterConfigs,
        _ => false,
    };

    private static List<AclRule> ListOf<TKey>(Dictionary<TKey, List<AclRule>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out List<AclRule>? list)) lists.Add(key, list = []);
        return list;
    }
}

/// <summary>What rules say; a later one counts for more.</summary>
internal enum Verdict
{
    /// <summary>No rule is about the resource.</summary>
    NoRules,

    /// <summary>There are rules, and none of them allows it.</summary>
    NotAllowed,

    /// <summary>A rule allows it.</summary>
    Allowed,

    /// <summary>A rule forbids it.</summary>
    Denied,
}
