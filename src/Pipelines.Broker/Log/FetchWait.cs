namespace Pipelines.Broker.Log;

/// <summary>A fetch that waits for data or for its time to be over.</summary>
internal sealed class FetchWait
{
    private readonly TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Woken => woken.Task;

    internal void Wake() => woken.TrySetResult();
}
