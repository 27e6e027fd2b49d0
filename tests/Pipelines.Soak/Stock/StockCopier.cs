using System.Globalization;

namespace Pipelines.Soak.Stock;

/// <summary>
/// Kafka's TransactionalMessageCopier: it copies what a topic has when it begins, in transactions with the group's offsets, aborts some of them, and ends; then it is started again. Whatever
/// becomes of it, its next life fences the one before.
/// </summary>
internal sealed class StockCopier(string folder, string bootstrap, string from, string to) : IDisposable
{
    /// <summary>The group whose offsets go with the copies.</summary>
    internal const string Group = "stock-copiers";

    private const int RecordsPerTransaction = 100;
    private static readonly TimeSpan LifePatience = TimeSpan.FromMinutes(3);
    private readonly Lock gate = new();
    private JavaTool? tool;
    private bool isKilled;

    /// <summary>How often it was started.</summary>
    internal int Lives { get; private set; }

    /// <summary>How often it ended with an error of its own accord.</summary>
    internal int Failures { get; private set; }

    /// <summary>What it said when it last did.</summary>
    internal string? Complaint { get; private set; }

    /// <summary>Copies in one life after the other, until it is enough.</summary>
    internal async Task RunAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            using JavaTool life = Start();
            try
            {
                if (await life.EndAsync(LifePatience) == 0 || isKilled) continue;
                Failures++;
                Complaint = life.LastWords;
            }
            finally
            {
                lock (gate) tool = null;
            }
        }
    }

    /// <summary>Kills it with SIGKILL, if it lives.</summary>
    internal void Kill()
    {
        lock (gate)
        {
            if (tool is not { } alive) return;
            isKilled = true;
            alive.Kill();
        }
    }

    public void Dispose() => Kill();

    private JavaTool Start()
    {
        lock (gate)
        {
            Lives++;
            isKilled = false;
            return tool = new JavaTool(
                folder,
                "TransactionalMessageCopier",
                static _ => { },
                [
                    "--broker-list", bootstrap, "--transactional-id", "stock-copier", "--consumer-group", Group, "--input-topic", from, "--output-topic", to, "--input-partition", "-1", "--group-mode",
                    "--use-group-metadata", "--enable-random-aborts", "--transaction-size", RecordsPerTransaction.ToString(CultureInfo.InvariantCulture), "--transaction-timeout", "10000",
                ]);
        }
    }
}
