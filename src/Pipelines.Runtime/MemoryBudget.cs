namespace Pipelines.Runtime;

/// <summary>How many bytes the tasks or the readers of a worker may hold together, so that its memory does not grow with their number.</summary>
internal sealed class MemoryBudget
{
    private readonly long bytes;
    private readonly long least;
    private readonly long most;
    private long share;

    /// <param name="bytes">For all of them.</param>
    /// <param name="least">What each has at least; so much too before <see cref="Divide"/> is called.</param>
    /// <param name="most">What each has at most.</param>
    internal MemoryBudget(long bytes, long least, long most = long.MaxValue)
    {
        this.bytes = bytes;
        this.least = share = least;
        this.most = most;
    }

    /// <summary>What each may hold.</summary>
    internal long Share => Volatile.Read(ref share);

    /// <summary>Gives each of so many the same.</summary>
    internal void Divide(int among) => Volatile.Write(ref share, Math.Max(least, Math.Min(most, bytes / Math.Max(1, among))));
}
