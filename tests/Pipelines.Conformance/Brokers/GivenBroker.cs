namespace Pipelines.Conformance.Brokers;

/// <summary>A broker that is already there. Checks use names of their own, so it need not be empty.</summary>
internal sealed class GivenBroker : BrokerUnderTest
{
    public static string? Address => Environment.GetEnvironmentVariable("PIPELINES_CONFORMANCE_BOOTSTRAP") is { Length: > 0 } address ? address : null;

    public override string Bootstrap => Address!;
}
