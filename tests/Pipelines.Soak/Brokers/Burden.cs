namespace Pipelines.Soak.Brokers;

/// <summary>What the program had to bear, and what it took for that.</summary>
internal sealed class Burden
{
    /// <summary>The most idle connections that it had at once.</summary>
    internal int IdleConnections { get; private set; }

    /// <summary>The most memory that it was seen to have, in bytes.</summary>
    internal long MemoryBytes { get; private set; }

    internal void Saw(long memoryBytes, int idleConnections = 0)
    {
        MemoryBytes = Math.Max(MemoryBytes, memoryBytes);
        IdleConnections = Math.Max(IdleConnections, idleConnections);
    }
}
