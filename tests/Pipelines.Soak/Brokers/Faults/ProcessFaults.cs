using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Processes;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>F1 and F4 as they befall processes: a client is killed with SIGKILL, or frozen with SIGSTOP for longer than its time-outs, at a step of a transaction that writes or copies.</summary>
internal static class ProcessFaults
{
    private const int EndIsUnderWay = 7;
    private static readonly int[] Steps = [1, 2, 3, 4, 5, 6, 7, 12];

    // Where a transaction is under way with either version.
    private static readonly int[] StepsInside = [2, 4, 5, 6, 7];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    // Of those that are to be struck; it has to be over before a round is judged.
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(2);

    // That time-out, and the second in which the broker notices that it is over.
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(3.5);

    internal static IEnumerable<FaultKind> All =>
    [
        new(1, "a process that writes is killed in the middle of a transaction", Places.Both, static (stage, random) => KillAsync(stage, random, ClientKind.Writes)),
        new(1, "a process that copies is killed in the middle of a transaction", Places.Both, static (stage, random) => KillAsync(stage, random, ClientKind.Copies)),
        new(4, "a process that writes is frozen for longer than its time-out, and comes back", Places.Both, static (stage, random) => FreezeAsync(stage, random, ClientKind.Writes)),
        new(4, "a process that copies is frozen for longer than its time-outs, and comes back", Places.Both, static (stage, random) => FreezeAsync(stage, random, ClientKind.Copies)),
    ];

    private static async Task KillAsync(Stage stage, Random random, ClientKind kind)
    {
        if (kind == ClientKind.Copies && !stage.IsCopied) return;
        string name = stage.NewName("F1-process");
        string? instanceId = random.Next(3) == 0 ? stage.NewName("static") : null;
        int step = Steps[random.Next(Steps.Length)];
        int turn = random.Next(3);
        await using (ClientProcess client = ClientProcess.Start(stage, kind, name, instanceId, random.Next(), ShortTimeout, (client, reached) => Task.FromResult(reached != step || client.Turns < turn)))
        {
            await StandsAsync(stage, client, name);
            await client.KillAsync();
        }

        // With nobody after it, its time-outs decide.
        if (random.Next(3) == 0) return;
        await using ClientProcess next = ClientProcess.Start(stage, kind, name, instanceId, random.Next(), stage.TransactionTimeout);
        await next.WorkedAsync(2);
        await next.EndAsync();
    }

    /// <summary>I9, I17: what it had is another's when it comes back, or its transaction is over; nothing of it may be seen.</summary>
    private static async Task FreezeAsync(Stage stage, Random random, ClientKind kind)
    {
        if (kind == ClientKind.Copies && !stage.IsCopied) return;
        string name = stage.NewName("F4-process");
        int step = StepsInside[random.Next(StepsInside.Length)];
        int turn = random.Next(3);
        bool isStruck = false;
        await using ClientProcess client = ClientProcess.Start(stage, kind, name, null, random.Next(), ShortTimeout, async (client, reached) =>
        {
            if (isStruck || reached != step || client.Turns < turn) return true;
            isStruck = true;
            await client.FreezeAsync();
            return false;
        });
        await StandsAsync(stage, client, name);
        if (!isStruck) return;
        Attempt doomed = client.Current!;
        await Task.Delay(Overdue, stage.Ending);
        if (kind == ClientKind.Copies) await TakenOverAsync(stage, client.Share!);
        else if (random.Next(2) == 0) await SucceedAsync(stage, name, new Random(random.Next()));
        await client.ThawAsync();
        // It goes on with what it was at, finds that it is nobody any more, and begins anew.
        await client.WorkedAsync(client.Turns + 2);
        await client.EndAsync();
        if (step == EndIsUnderWay) return;
        if (doomed.Outcome == Outcome.Committed) stage.Ledger.Violate("a process that came back could commit", $"{doomed} at step {step}");
        doomed.Outcome = Outcome.Aborted;
    }

    private static async Task StandsAsync(Stage stage, ClientProcess client, string name)
    {
        if (await Task.WhenAny(client.Silenced, Task.Delay(Patience, stage.Ending)) != client.Silenced) stage.Ledger.Violate("a client process did not come to its step", name);
    }

    /// <summary>Another takes the transactional id and commits something.</summary>
    private static async Task SucceedAsync(Stage stage, string name, Random random)
    {
        await using Link link = stage.Link(name);
        Transactor successor = stage.Transactor(link, name, isVersion2: random.Next(2) == 0);
        await successor.OpenAsync(stage.Ending);
        await successor.RunAsync(stage.Ledger.Begin(name, Topics.Places(random, 2).Select(static place => (place, 1))), commit: true, stage.Ending);
    }

    private static async Task TakenOverAsync(Stage stage, ShareNote had)
    {
        for (long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds; !had.Partitions.Any(partition => stage.Ledger.Groups.IsTakenOver(partition, had.Generation, had.Member)); await Task.Delay(10, stage.Ending))
        {
            if (Environment.TickCount64 <= until) continue;
            stage.Ledger.Violate("nobody took over what a process had that is frozen", had.ToString());
            return;
        }
    }
}
