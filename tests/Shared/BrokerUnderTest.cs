namespace Pipelines.Tests.Brokers;

/// <summary>A running broker of some make, as clients see it: an address, and for some checks the folder with its segment files.</summary>
internal abstract class BrokerUnderTest : IAsyncDisposable
{
    /// <summary>Host and port, as clients want it.</summary>
    public abstract string Bootstrap { get; }

    /// <summary>The folder below which the segment files lie; null when it cannot be reached.</summary>
    public virtual string? Logs => null;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
