namespace Pipelines.Broker.Security;

/// <summary>One rule of the access control lists.</summary>
/// <param name="Kind">The kind of resource.</param>
/// <param name="Pattern">How the name is meant.</param>
/// <param name="Name">The name, or what it begins with.</param>
/// <param name="Principal">Whom it is about, such as <c>User:alice</c>; <c>User:*</c> is everybody.</param>
/// <param name="Host">From which address; <c>*</c> is everywhere.</param>
/// <param name="Operation">What.</param>
/// <param name="Permission">Whether it may.</param>
internal sealed record AclRule(ResourceKind Kind, PatternKind Pattern, string Name, string Principal, string Host, Operation Operation, Permission Permission)
{
    /// <summary>The name, principal's name or host that stands for all.</summary>
    internal const string Wildcard = "*";

    /// <summary>Everybody.</summary>
    internal const string Everybody = "User:*";

    /// <summary>Whether the rule is about a resource of its kind.</summary>
    internal bool Covers(string name) =>
        Pattern == PatternKind.Prefixed ? name.StartsWith(Name, StringComparison.Ordinal) : Name == Wildcard || Name == name;

    /// <summary>Whether the rule is about whoever asks.</summary>
    internal bool IsAbout(string principal, string host) =>
        (Principal == Everybody || Principal == principal) && (Host == Wildcard || Host == host);
}
