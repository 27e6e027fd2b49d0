namespace Pipelines.Broker.Recovery;

/// <summary>The end of a file that was cut off when the log was opened.</summary>
/// <param name="File">The file, relative to the data folder.</param>
/// <param name="Position">The byte at which it was cut.</param>
/// <param name="Bytes">How many bytes were cut off.</param>
/// <param name="Reason">What was wrong there.</param>
/// <param name="AcknowledgedLost">How many offsets had been acknowledged and are lost: 0 for the torn end of a crash.</param>
public sealed record TornEnd(string File, long Position, long Bytes, string Reason, long AcknowledgedLost)
{
    /// <inheritdoc/>
    public override string ToString() => AcknowledgedLost == 0
        ? $"{File} was cut off at byte {Position} ({Bytes} bytes, {Reason}): the torn end of a crash; nothing acknowledged is lost."
        : $"{File} was cut off at byte {Position} ({Bytes} bytes, {Reason}): {AcknowledgedLost} offsets that had been acknowledged are lost. Restore the file from a backup to have them back.";
}

/// <summary>What opening a log found and did.</summary>
public sealed class RecoveryReport
{
    private readonly List<TornEnd> tornEnds = [];
    private readonly List<string> messages = [];
    private readonly Action<string>? listener;

    internal RecoveryReport(Action<string>? listener) => this.listener = listener;

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; internal set; }

    /// <summary>The bytes of segments that were read and checked.</summary>
    public long BytesScanned { get; internal set; }

    /// <summary>The segments that were not read, since their checkpoints tell what is in them.</summary>
    public int SegmentsFromCheckpoint { get; internal set; }

    /// <summary>Transactions that were decided to commit, and whose markers were missing.</summary>
    public int TransactionsCompleted { get; internal set; }

    /// <summary>Transactions that nobody can end any more, and which were aborted.</summary>
    public int TransactionsAborted { get; internal set; }

    /// <summary>Transactions that are still open, for their producers to go on with.</summary>
    public int TransactionsOpen { get; internal set; }

    /// <summary>The ends that were cut off.</summary>
    public IReadOnlyList<TornEnd> TornEnds => tornEnds;

    /// <summary>All that is worth telling, one sentence or two each; empty after a clean shutdown.</summary>
    public IReadOnlyList<string> Messages => messages;

    internal void Add(TornEnd torn)
    {
        tornEnds.Add(torn);
        Add(torn.ToString());
    }

    internal void Add(string message)
    {
        messages.Add(message);
        listener?.Invoke(message);
    }
}
