using Pipelines.Broker.Server.Requests;

namespace Pipelines.Broker.Server.Security;

/// <summary>Rules and filters as clients send them, checked.</summary>
internal static class AclWire
{
    /// <summary>Reads a rule; the mistake is null when it is one.</summary>
    internal static AclRule ReadRule(sbyte kind, sbyte pattern, string name, string principal, string host, sbyte operation, sbyte permission, out string? mistake)
    {
        var rule = new AclRule((ResourceKind)kind, (PatternKind)pattern, name, principal, host, (Operation)operation, (Permission)permission);
        mistake = rule.Kind is not (ResourceKind.Topic or ResourceKind.Group or ResourceKind.Cluster or ResourceKind.TransactionalId)
                ? $"Rules are about topics, groups, the cluster and transactional ids here, not about resources of type {kind}."
            : rule.Pattern is not (PatternKind.Literal or PatternKind.Prefixed) ? $"Pattern type {pattern} is not literal (3) or prefixed (4)."
            : name.Length == 0 ? "The resource has no name."
            : rule.Kind == ResourceKind.Cluster && name != BrokerServices.ClusterResource ? $"The cluster is called '{BrokerServices.ClusterResource}', not '{name}'."
            : !IsPrincipal(principal) ? $"'{principal}' is no principal. Write it as User:NAME."
            : host.Length == 0 ? "The host is empty. Give an address, or '*' for all."
            : rule.Operation is < Operation.All or > Operation.IdempotentWrite ? $"Operation {operation} is not one of rules here."
            : rule.Permission is not (Permission.Allow or Permission.Deny) ? $"Permission type {permission} is not deny (2) or allow (3)."
            : null;
        return rule;
    }

    /// <summary>Reads a filter; the mistake is null when it is one.</summary>
    internal static AclFilter ReadFilter(sbyte kind, sbyte pattern, string? name, string? principal, string? host, sbyte operation, sbyte permission, out string? mistake)
    {
        mistake = kind <= 0 ? $"Resource type {kind} is not known."
            : (PatternKind)pattern is < PatternKind.Any or > PatternKind.Prefixed ? $"Pattern type {pattern} is not known."
            : operation <= 0 ? $"Operation {operation} is not known."
            : (Permission)permission is < Permission.Any or > Permission.Allow ? $"Permission type {permission} is not known."
            : null;
        return new AclFilter((ResourceKind)kind, (PatternKind)pattern, name, principal, host, (Operation)operation, (Permission)permission);
    }

    private static bool IsPrincipal(string text) => text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < text.Length - 1;
}
