using Pipelines.Soak.Brokers.Clients;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>What happens in a group while one of its members is at a step of a transaction that copies: F7. Who is a member no more must be refused (KIP-447).</summary>
internal static class GroupFaults
{
    // Three times as often when the offsets are in the transaction: who takes over has to wait for its end.
    private static readonly int[] Steps = [1, 3, 2, 4, 5, 6, 6, 6, 7, 12];
    private const int OffsetsAreIn = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal static IEnumerable<FaultKind> All =>
    [
        new(7, "a member joins while another copies, and leaves", Places.Both, static (stage, random) => AtStepAsync(stage, random, async scene =>
        {
            // The copier joins when its transaction is over; when it is waited for in vain it is a member no more.
            scene.Work = scene.Another.Member.StayAsync(stage.Ending);
            await scene.WaitAsync(random.Next(3) == 0 ? Patience : TimeSpan.FromMilliseconds(random.Next(300)));
            return false;
        })),
        new(7, "the broker is killed while members come together", Places.Both, static (stage, random) => AtStepAsync(stage, random, async scene =>
        {
            scene.Work = scene.Another.Member.StayAsync(stage.Ending);
            await Task.Delay(random.Next(200), stage.Ending);
            await ClientFaults.RestartAfterKillAsync(stage);
            return false;
        })),
        new(7, "a member leaves, and goes on copying", Places.Both, static (stage, random) => AtStepAsync(stage, random, async scene =>
        {
            await scene.Copier.Member.QuitAsync(stage.Ending);
            if (random.Next(4) > 0) await TakenOverAsync(stage, random, scene);
            return true;
        })),
        new(7, "a member is silent until others have what it had, and goes on copying", Places.Both, static (stage, random) => AtStepAsync(
            stage,
            random,
            async scene =>
            {
                // Static members are waited for until their sessions are over, others until the time to join again is.
                if (random.Next(2) == 0) await scene.Another.Member.StayAsync(stage.Ending);
                await TakenOverAsync(stage, random, scene);
                return true;
            },
            random.Next(3) == 0 ? stage.NewName("static") : null)),
        new(7, "a static member returns, and its former self goes on copying", Places.Both, static (stage, random) =>
        {
            string instanceId = stage.NewName("static");
            return AtStepAsync(
                stage,
                random,
                async scene =>
                {
                    await scene.Another.Member.StayAsync(stage.Ending);
                    scene.Work = scene.Another.TurnAsync(commit: true);
                    await scene.WaitAsync(TimeSpan.FromMilliseconds(random.Next(1000)));
                    return true;
                },
                instanceId,
                instanceId);
        }),
    ];

    private static async Task TakenOverAsync(Stage stage, Random random, Scene scene)
    {
        long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!scene.Commit.Offsets.Keys.Any(partition => stage.Ledger.Groups.IsTakenOver(partition, scene.Commit.Claim.Generation, scene.Copier.Member.Owner)))
        {
            if (Environment.TickCount64 > until)
            {
                stage.Ledger.Violate("nobody took over what a member had that is gone", $"{scene.Commit.Claim}");
                return;
            }

            await Task.Delay(10, stage.Ending);
        }

        // Let others copy the same, if they can.
        await Task.Delay(random.Next(1000), stage.Ending);
    }

    /// <summary>A member of its own copies, and at a step of its transaction something happens.</summary>
    /// <param name="stage">The round.</param>
    /// <param name="random">Decides.</param>
    /// <param name="happen">Lets it happen, and says whether the member is one no more.</param>
    /// <param name="instanceId">Its name as a static member, or null.</param>
    /// <param name="anotherInstanceId">The name of the other that is at hand.</param>
    private static async Task AtStepAsync(Stage stage, Random random, Func<Scene, Task<bool>> happen, string? instanceId = null, string? anotherInstanceId = null)
    {
        if (!stage.IsCopied) return;
        string name = stage.NewName("F7");
        int step = Steps[random.Next(Steps.Length)];
        await using var copier = new Copier(stage, name, instanceId, new Random(random.Next()));
        await using var another = new Copier(stage, $"{name}-another", anotherInstanceId, new Random(random.Next()));
        Scene? scene = null;
        bool isOut = false;
        copier.AtStep = async (reached, commit) =>
        {
            if (reached != step || scene is not null) return;
            scene = new Scene(copier, another, commit);
            isOut = await happen(scene);
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stage.Ending);
        patience.CancelAfter(Patience);
        bool? went = null;
        for (; scene is null; went = await copier.TurnAsync(commit: true)) await Task.Delay(5, patience.Token);
        if (isOut && step < OffsetsAreIn && went == true) stage.Ledger.Violate("a member that was one no more could commit", $"{scene.Commit.Claim} at step {step}");

        // It comes back as it should be, and all leave.
        await Task.WhenAll(scene.Work.IsCompleted ? another.Member.QuitAsync(stage.Ending) : scene.Work, copier.TurnAsync(commit: true));
        await another.EndAsync();
        await copier.EndAsync();
    }

    /// <summary>Who is there when it happens.</summary>
    /// <param name="Copier">The member that copies.</param>
    /// <param name="Another">Another that is at hand.</param>
    /// <param name="Commit">What is being committed.</param>
    private sealed record Scene(Copier Copier, Copier Another, GroupCommit Commit)
    {
        /// <summary>What the other does; it may last longer than it is waited for.</summary>
        internal Task Work { get; set; } = Task.CompletedTask;

        internal Task WaitAsync(TimeSpan patience) => Task.WhenAny(Work, Task.Delay(patience));
    }
}
