namespace Pipelines.Broker.Security;

/// <summary>Which rules are meant; null and Any leave a side open.</summary>
internal sealed record AclFilter(ResourceKind Kind, PatternKind Pattern, string? Name, string? Principal, string? Host, Operation Operation, Permission Permission)
{
    internal bool Takes(AclRule rule) =>
        (Kind == ResourceKind.Any || Kind == rule.Kind)
        && TakesName(rule)
        && (Principal is null || Principal == rule.Principal)
        && (Host is null || Host == rule.Host)
        && (Operation == Operation.Any || Operation == rule.Operation)
        && (Permission == Permission.Any || Permission == rule.Permission);

    private bool TakesName(AclRule rule) => Pattern switch
    {
        PatternKind.Any => Name is null || Name == rule.Name,
        PatternKind.Match => Name is null || rule.Covers(Name),
        _ => Pattern == rule.Pattern && (Name is null || Name == rule.Name),
    };
}
