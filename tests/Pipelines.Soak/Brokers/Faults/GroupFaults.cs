using Pipelines.Soak.Brokers.Clients;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>What happens in a group while one of its members is at a step of a transaction that copies: F7. Who is a member no more must be refused (KIP-447).</summary>
internal static class GroupFaults
{
    private static readonly int[] Steps = [1, 3, 2, 4, 5, 6, 7, 12];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal static IEnumerable<FaultKind> All =>
    [
        new(7, "a member joins while another copies, and leaves", Places.Both, static (stage, random) => AtStepAsync(stage, random, async scene =>
        {
            // The copier joins when its transaction is over; when it is waited for in vain it is a member no more.
            scene.Joining = scene.Another.StayAsync(stage.Ending);
            await Task.WhenAny(scene.Joining, Task.Delay(random.Next(3) == 0 ? Patience : TimeSpan.FromMilliseconds(random.Next(300)), stage.Ending));
            return false;
        })),
        new(7, "the broker is killed while members come together", Places.Both, static (stage, random) => AtStepAsync(stage, random, async scene =>
        {
            scene.Joining = scene.Another.StayAsync(stage.Ending);
            await Task.Delay(random.Next(200), stage.Ending);
            await ClientFaults.RestartAfterKillAsync(stage);
            return false;
        })),
        new(7, "a member leaves, and goes on copying", Places.Both, static (stage, random) => AtStepAsync(stage, random, async scene =>
        {
            await scene.Copier.Member.QuitAsync(stage.Ending);
            return true;
        })),
        new(7, "a member is silent until others have what it had, and goes on copying", Places.Both, SilentAsync),
        new(7, "a static member returns, and its former self goes on copying", Places.Both, static (stage, random) => AtStepAsync(stage, random, async scene =>
        {
            await scene.Another.StayAsync(stage.Ending);
            return true;
        }, stage.NewName("static"))),
    ];

    private static Task SilentAsync(Stage stage, Random random) => AtStepAsync(stage, random, async scene =>
    {
        // Static members are waited for until their sessions are over, others until the time to join again is.
        if (random.Next(2) == 0) await scene.Another.StayAsync(stage.Ending);
        long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!scene.Commit.Offsets.Keys.Any(partition => stage.Ledger.Groups.IsTakenOver(partition, scene.Commit.Claim.Generation, scene.Copier.Member.Owner)))
        {
            if (Environment.TickCount64 > until)
            {
                stage.Ledger.Violate("nobody took over what a silent member had", $"{scene.Commit.Claim}");
                return false;
            }

            await Task.Delay(10, stage.Ending);
        }

        // Let others copy the same, if they can.
        await Task.Delay(random.Next(1000), stage.Ending);
        return true;
    }, random.Next(3) == 0 ? stage.NewName("static") : null, isSame: false);

    /// <summary>A member of its own copies, and at a step of its transaction something happens.</summary>
    /// <param name="stage">The round.</param>
    /// <param name="random">Decides.</param>
    /// <param name="happen">Lets it happen, and says whether the member has to be one no more.</param>
    /// <param name="instanceId">Its name as a static member, or null.</param>
    /// <param name="isSame">True when the other member has that name too.</param>
    private static async Task AtStepAsync(Stage stage, Random random, Func<Scene, Task<bool>> happen, string? instanceId = null, bool isSame = true)
    {
        if (!stage.IsCopied) return;
        string name = stage.NewName("F7");
        int step = Steps[random.Next(Steps.Length)];
        await using var copier = new Copier(stage, name, instanceId, random);
        await using var another = new GroupMember(stage, $"{name}-another", isSame ? instanceId : null, isNew: random.Next(2) == 0);
        Scene? scene = null;
        bool mustBeFenced = false;
        copier.AtStep = async (reached, commit) =>
        {
            if (reached != step || scene is not null) return;
            scene = new Scene(copier, another, commit);
            mustBeFenced = await happen(scene);
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stage.Ending);
        patience.CancelAfter(Patience);
        bool? went = null;
        for (; scene is null; went = await copier.TurnAsync(commit: true)) await Task.Delay(5, patience.Token);
        // From step 6 on its offsets are in the transaction, and others wait for its end.
        if (mustBeFenced && step < 6 && went == true) stage.Ledger.Violate("a member that was one no more could commit", $"{scene.Commit.Claim} at step {step}");

        // It comes back as it should be, and all leave.
        await Task.WhenAll(scene.Joining is { IsCompleted: false } joining ? joining : another.QuitAsync(stage.Ending), copier.TurnAsync(commit: true));
        await another.QuitAsync(stage.Ending);
        await copier.EndAsync();
    }

    /// <summary>Who is there when it happens.</summary>
    private sealed record Scene(Copier Copier, GroupMember Another, GroupCommit Commit)
    {
        /// <summary>The other's joining, when nobody waited for it.</summary>
        internal Task? Joining { get; set; }
    }
}
