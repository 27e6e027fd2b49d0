namespace Pipelines.BrokerLoad.Loads;

/// <summary>Threads of their own, since the loads block.</summary>
internal static class Threads
{
    internal static Task RunAsync(int count, Func<int, Task> work) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(index => Task.Factory.StartNew(() => work(index).GetAwaiter().GetResult(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
}
