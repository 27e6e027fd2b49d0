namespace Pipelines.Soak.Brokers.Clients;

/// <summary>Transactions of records that replace each other, over partitions of a compacted topic; every other one is aborted.</summary>
internal static class KeyedWriter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    internal static async Task RunAsync(Stage stage, string name, bool isVersion2, Random random, CancellationToken stopping)
    {
        await using Link link = stage.Link(name);
        Transactor transactor = stage.Transactor(link, name, isVersion2);
        bool isOpen = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!isOpen) await transactor.OpenAsync(stage.Ending);
                isOpen = true;
                await transactor.RunAsync(stage.Keys.Begin(name, partition: null, random), commit: random.Next(2) == 0, stage.Ending);
            }
            catch (RefusedException)
            {
                // Whoever cannot go on opens itself anew.
                isOpen = false;
            }

            await Task.Delay(Pause, stage.Ending);
        }

        // What is open is decided.
        await transactor.OpenAsync(stage.Ending);
    }
}
