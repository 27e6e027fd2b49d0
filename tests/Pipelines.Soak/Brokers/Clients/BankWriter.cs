using Pipelines.Broker.Log;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>Transactions over two partitions and a group's offset, one after the other; one in four is aborted. Like bank transfers they are there in all places or in none.</summary>
internal static class BankWriter
{
    internal static async Task RunAsync(Stage stage, string name, bool isVersion2, Random random, CancellationToken stopping)
    {
        await using Link link = stage.Link(name);
        Transactor transactor = stage.Transactor(link, name, isVersion2);
        bool isOpen = false;
        long committed = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!isOpen)
                {
                    await transactor.OpenAsync(stage.Ending);
                    committed = await transactor.CommittedAsync(stage.Ending);
                    isOpen = true;
                }

                Attempt attempt = stage.Ledger.Begin(name, Topics.Places(random, 2).Select(place => (place, random.Next(1, 4))));
                bool commit = random.Next(4) > 0;
                await transactor.RunAsync(attempt, commit, stage.Ending);
                if (commit) committed = attempt.Number;
                if (random.Next(3) > 0) continue;
                long told = await transactor.CommittedAsync(stage.Ending);
                if (told != committed) stage.Ledger.Violate("offsets did not go with their transaction", $"{name}: {told} where {committed} was committed, after {attempt}");
            }
            catch (RefusedException)
            {
                // As clients of Kafka do: whoever cannot go on opens itself anew.
                isOpen = false;
                await Task.Delay(5, stage.Ending);
            }
        }

        // At the end: the offset is that of the last transaction that is to be seen.
        await transactor.OpenAsync(stage.Ending);
        stage.Offsets[name] = await transactor.CommittedAsync(stage.Ending);
    }
}
