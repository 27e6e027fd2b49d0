using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Pipelines.Soak.Brokers.Processes;

/// <summary>A client in a process of its own, and what it does to the ledger.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private readonly Stage stage;
    private readonly string name;
    private readonly Process process;
    private readonly Task listening;
    private readonly Task<string> errors;
    private readonly TaskCompletionSource silenced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int turns;
    private volatile bool isEnough;
    private volatile bool isKilled;

    private ClientProcess(Stage stage, ClientOrder order, Func<ClientProcess, int, Task<bool>>? atStep)
    {
        (this.stage, name) = (stage, order.Name);
        process = Life.Start(["broker-client", "--order", JsonSerializer.Serialize(order)]);
        errors = process.StandardError.ReadToEndAsync();
        listening = ListenAsync(atStep);
    }

    /// <summary>The attempt that it is at.</summary>
    internal Attempt? Current { get; private set; }

    /// <summary>The last share that it was given as a member.</summary>
    internal ShareNote? Share { get; private set; }

    /// <summary>How many turns it has brought to their end as they should be.</summary>
    internal int Turns => Volatile.Read(ref turns);

    /// <summary>Completes when it was left without an answer at a step.</summary>
    internal Task Silenced => silenced.Task;

    /// <summary>Starts one.</summary>
    /// <param name="stage">The round.</param>
    /// <param name="kind">What it does.</param>
    /// <param name="name">Its transactional id.</param>
    /// <param name="instanceId">Its name as a static member, or null.</param>
    /// <param name="seed">What it decides by.</param>
    /// <param name="transactionTimeout">How long its transactions may be open.</param>
    /// <param name="atStep">Is called when it has come to a step, and says whether it may go on; it stands there while nobody answers.</param>
    internal static ClientProcess Start(Stage stage, ClientKind kind, string name, string? instanceId, int seed, TimeSpan transactionTimeout, Func<ClientProcess, int, Task<bool>>? atStep = null) =>
        new(stage, new ClientOrder(kind, stage.Address.ToString(), name, instanceId, stage.IsCooperative, stage.Session, transactionTimeout, seed), atStep);

    /// <summary>Kills it with SIGKILL.</summary>
    internal async Task KillAsync()
    {
        isKilled = true;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Freezes it with SIGSTOP.</summary>
    internal Task FreezeAsync() => Signal.SendAsync(process.Id, "STOP");

    /// <summary>Lets it go on as if nothing had been, and answers what it may still wait for.</summary>
    internal async Task ThawAsync()
    {
        await Signal.SendAsync(process.Id, "CONT");
        await AnswerAsync(0);
    }

    /// <summary>Waits until it has brought so many turns to their end.</summary>
    internal async Task WorkedAsync(int wanted)
    {
        for (long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds; Turns < wanted; await Task.Delay(10, stage.Ending))
        {
            if (process.HasExited) return;
            if (Environment.TickCount64 <= until) continue;
            stage.Ledger.Violate("a client process did not get on", $"{name}: {Turns} turns of {wanted} after {Patience.TotalSeconds:F0} s");
            return;
        }
    }

    /// <summary>Lets it come to its end.</summary>
    internal async Task EndAsync()
    {
        isEnough = true;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stage.Ending);
        limit.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            stage.Ledger.Violate("a client process did not come to its end", name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();
        await listening;
        if (!isKilled && process.ExitCode != 0) stage.Ledger.Violate("a client process failed", $"{name}, code {process.ExitCode}: {await errors}");
        process.Dispose();
    }

    private async Task ListenAsync(Func<ClientProcess, int, Task<bool>>? atStep)
    {
        // A line that was cut by SIGKILL had no answer: what it was about was not sent.
        while (await process.StandardOutput.ReadLineAsync() is { } line && (line.EndsWith('}') || !isKilled))
        {
            Note note = JsonSerializer.Deserialize<Note>(line)!;
            if (note is StepNote reached && atStep is not null && !await atStep(this, reached.Step))
            {
                silenced.TrySetResult();
                continue;
            }

            await AnswerAsync(Answer(note));
        }
    }

    private long Answer(Note note)
    {
        switch (note)
        {
            case BegunNote begun:
                Current = stage.Ledger.Begin(begun.Writer, begun.ByPartition);
                return Current.Number;
            case OutcomeNote told:
                Current!.Outcome = told.Outcome;
                return 0;
            case TurnNote turn:
                if (turn.Went == true) Interlocked.Increment(ref turns);
                return isEnough ? 1 : 0;
            case ShareNote share:
                Share = share;
                return share.Apply(stage.Ledger);
            default:
                return note.Apply(stage.Ledger);
        }
    }

    private async Task AnswerAsync(long answer)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(answer.ToString(CultureInfo.InvariantCulture));
            await process.StandardInput.FlushAsync();
        }
        catch (IOException) when (isKilled)
        {
            // It needs no answers any more.
        }
    }
}
