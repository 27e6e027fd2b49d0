using Pipelines.Broker.Log;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Network;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>What clients do and suffer while they are in the middle of a transaction: F1 to F9, F21, and the late end of KAFKA-17754.</summary>
internal static class ClientFaults
{
    private static readonly int[] Steps = [1, 2, 3, 4, 5, 6, 7, 12];
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(1);

    internal static IEnumerable<FaultKind> All =>
    [
        new(1, "a client is killed in the middle of a transaction", Places.Both, DieAsync),
        new(2, "the broker is killed", Places.Both, static (stage, random) => AtStepAsync(stage, random, "F2", RestartAfterKillAsync)),
        new(3, "broker and client are killed", Places.Both, static (stage, random) => AtStepAsync(stage, random, "F3", static async stage =>
        {
            await RestartAfterKillAsync(stage);
            throw new ClientDiedException();
        })),
        new(4, "a client that was frozen for longer than its time-outs comes back", Places.Both, static (stage, random) => ZombieAsync(stage, random, "F4", TimeSpan.FromSeconds(2.5))),
        new(5, "two clients have one transactional id", Places.Both, static (stage, random) => ZombieAsync(stage, random, "F5", TimeSpan.Zero)),
        new(6, "a transaction is open for longer than its time-out", Places.Both, OverdueAsync),
        new(8, "the broker is killed again and again, also while it starts", Places.Both, StormAsync),
        new(9, "the broker is stopped in the middle of a transaction", Places.Both, static (stage, random) => AtStepAsync(stage, random, "F9", static async stage =>
        {
            await stage.World.StopAsync();
            await stage.World.StartAsync();
        })),
        new(21, "the broker goes down with a transaction open and nothing in it", Places.Both, EmptyAsync),
        new(23, "an EndTxn comes when the next transaction is under way (KAFKA-17754)", Places.Both, LateEndAsync),
    ];

    internal static async Task RestartAfterKillAsync(Stage stage)
    {
        await stage.World.KillAsync();
        await stage.World.StartAsync();
    }

    /// <summary>A transaction of a client of its own, at one of whose steps something happens.</summary>
    private static async Task AtStepAsync(Stage stage, Random random, string kind, Func<Stage, Task> happen)
    {
        string name = stage.NewName(kind);
        bool isVersion2 = random.Next(2) == 0;
        int step = Steps[random.Next(Steps.Length)];
        bool commit = random.Next(4) > 0;
        var places = Topics.Places(random, 2).Select(place => (place, random.Next(1, 3))).ToArray();
        await using Link link = stage.Link(name);
        Transactor transactor = stage.Transactor(link, name, isVersion2);
        bool isDone = false;
        transactor.AtStep = async reached =>
        {
            if (reached != step || isDone) return;
            isDone = true;
            await happen(stage);
        };
        await transactor.OpenAsync(stage.Ending);
        try
        {
            await transactor.RunAsync(stage.Ledger.Begin(name, places), commit, stage.Ending);
        }
        catch (Exception end) when (end is RefusedException or ClientDiedException)
        {
            await link.DropAsync();
        }

        if (!isDone)
        {
            // With version 2 some steps are not taken.
            try
            {
                await happen(stage);
            }
            catch (ClientDiedException)
            {
            }
        }

        // The next incarnation decides what was open.
        transactor.AtStep = null;
        await transactor.OpenAsync(stage.Ending);
        await transactor.RunAsync(stage.Ledger.Begin(name, places), commit: true, stage.Ending);
    }

    /// <summary>A client is gone, and nobody comes after it: its time-out must decide.</summary>
    private static async Task DieAsync(Stage stage, Random random)
    {
        string name = stage.NewName("F1");
        int step = Steps[random.Next(Steps.Length)];
        await using Link link = stage.Link(name);
        Transactor transactor = stage.Transactor(link, name, random.Next(2) == 0, ShortTimeout);
        transactor.AtStep = async reached =>
        {
            if (reached != step) return;
            await link.DropAsync();
            throw new ClientDiedException();
        };
        await transactor.OpenAsync(stage.Ending);
        try
        {
            await transactor.RunAsync(stage.Ledger.Begin(name, Topics.Places(random, 2).Select(static place => (place, 2))), commit: true, stage.Ending);
        }
        catch (Exception end) when (end is RefusedException or ClientDiedException)
        {
            // So it was meant.
        }
    }

    /// <summary>I9: from the moment that another has the transactional id, the first can do nothing more.</summary>
    private static async Task ZombieAsync(Stage stage, Random random, string kind, TimeSpan frozen)
    {
        string name = stage.NewName(kind);
        bool isVersion2 = random.Next(2) == 0;
        TopicPartition[] places = [.. Topics.Places(random, 2)];
        await using Link first = stage.Link(name);
        Transactor zombie = stage.Transactor(first, name, isVersion2, frozen > TimeSpan.Zero ? ShortTimeout : null);
        await zombie.OpenAsync(stage.Ending);
        Attempt doomed = stage.Ledger.Begin(name, (places[0], 2));
        bool isTaken = false;
        zombie.AtStep = async reached =>
        {
            if (reached != 4) return;
            await Task.Delay(frozen, stage.Ending);
            await using Link second = stage.Link(name);
            Transactor successor = stage.Transactor(second, name, isVersion2);
            await successor.OpenAsync(stage.Ending);
            isTaken = true;
            await successor.RunAsync(stage.Ledger.Begin(name, (places[1], 1)), commit: true, stage.Ending);
        };
        try
        {
            await zombie.RunAsync(doomed, commit: true, stage.Ending);
            if (isTaken) stage.Ledger.Violate("a fenced producer could commit", name);
        }
        catch (RefusedException)
        {
            // As it must be.
        }

        if (isTaken) doomed.Outcome = Outcome.Aborted;
    }

    private static async Task OverdueAsync(Stage stage, Random random)
    {
        string name = stage.NewName("F6");
        await using Link link = stage.Link(name);
        Transactor transactor = stage.Transactor(link, name, random.Next(2) == 0, TimeSpan.FromMilliseconds(300));
        await transactor.OpenAsync(stage.Ending);
        Attempt overdue = stage.Ledger.Begin(name, Topics.Places(random, 2).Select(static place => (place, 1)));
        // The broker looks for what is overdue once a second.
        transactor.AtStep = reached => reached == 4 ? Task.Delay(TimeSpan.FromSeconds(2), stage.Ending) : Task.CompletedTask;
        try
        {
            await transactor.RunAsync(overdue, commit: true, stage.Ending);
            stage.Ledger.Violate("a transaction was committed after its time-out", name);
        }
        catch (RefusedException)
        {
            // As it must be.
        }
    }

    private static async Task StormAsync(Stage stage, Random random)
    {
        for (int i = 0; i < 3; i++)
        {
            await stage.World.KillAsync();
            await stage.World.StartAsync();
            await Task.Delay(random.Next(1, 200), stage.Ending);
        }
    }

    private static async Task EmptyAsync(Stage stage, Random random)
    {
        string name = stage.NewName("F21");
        TopicPartition place = Topics.Places(random, 1).First();
        await using Link link = stage.Link(name);
        Transactor transactor = stage.Transactor(link, name, isVersion2: false, ShortTimeout);
        await transactor.OpenAsync(stage.Ending);
        await transactor.AddAsync(place, stage.Ending);
        if (random.Next(2) == 0) await stage.World.KillAsync();
        else await stage.World.StopAsync();
        await stage.World.StartAsync();
        if (random.Next(2) == 0) return;
        try
        {
            await transactor.RunAsync(stage.Ledger.Begin(name, (place, 1)), commit: true, stage.Ending);
        }
        catch (RefusedException)
        {
            // Its time-out may be over.
        }
    }

    /// <summary>
    /// KAFKA-17754: the end of the first transaction is held up on its way; the client asks again over another connection, and has begun the next transaction when the first
    /// end arrives. A client from before KIP-890 cannot protect itself: both transactions have one producer id and epoch.
    /// </summary>
    private static async Task LateEndAsync(Stage stage, Random random)
    {
        string name = stage.NewName("F23");
        TopicPartition[] places = [.. Topics.Places(random, 2)];
        bool commit = random.Next(2) == 0;
        await using Link link = stage.Link(name, TimeSpan.FromMilliseconds(300));
        Transactor transactor = stage.Transactor(link, name, isVersion2: false);
        await transactor.OpenAsync(stage.Ending);
        var late = new Trouble(TroubleKind.Hold, ApiKey.EndTxn, name);
        stage.World.Proxy.Add(late);
        try
        {
            await transactor.RunAsync(stage.Ledger.Begin(name, (places[0], 1)), commit, stage.Ending);
            transactor.AtStep = async reached =>
            {
                // After the first of two records.
                if (reached != 2) return;
                late.Release();
                await Task.WhenAny(late.Passed, Task.Delay(TimeSpan.FromSeconds(2), stage.Ending));
                await Task.Delay(150, stage.Ending);
            };
            await transactor.RunAsync(stage.Ledger.Begin(name, places.Select(static place => (place, 1))), !commit, stage.Ending);
        }
        catch (RefusedException refused)
        {
            // Alone on its way nothing may stop this client; the judge sees what became of its records.
            stage.Ledger.Violate("a late EndTxn ended the next transaction", $"{name}: {refused.Message}");
        }
        finally
        {
            late.Release();
        }
    }
}
