namespace Pipelines.Broker.Server;

/// <summary>What clients may do: what the access control lists in the log say, which CreateAcls writes.</summary>
public sealed class AuthorizationOptions
{
    /// <summary>Principals that may do everything, such as <c>User:admin</c> (Kafka: <c>super.users</c>).</summary>
    public IReadOnlyCollection<string> SuperUsers { get; init; } = [];

    /// <summary>True to let everybody do everything with what no rule is about (Kafka: <c>allow.everyone.if.no.acl.found</c>).</summary>
    public bool AllowsEveryoneIfNoAcl { get; init; }
}
