namespace Pipelines.Runtime.Tasks;

/// <summary>How many bytes the open epochs of a worker's tasks may hold together, so that its memory does not grow with their number.</summary>
/// <param name="bytes">For all of them.</param>
internal sealed class EpochBudget(long bytes)
{
    private const long LeastBytes = 128 * 1024;
    private long share = LeastBytes;

    /// <summary>What each task may hold: it asks for a commit then and waits for it.</summary>
    internal long Share => Volatile.Read(ref share);

    /// <summary>Gives each of so many tasks the same; before it is called they have the least there is.</summary>
    internal void Divide(int tasks)
    {
        long even = bytes / Math.Max(1, tasks);
        // Memory doubles as it fills: what a task handles before it looks should not make it do so once more.
        Volatile.Write(ref share, Math.Max(LeastBytes, even - (even / 8)));
    }
}
