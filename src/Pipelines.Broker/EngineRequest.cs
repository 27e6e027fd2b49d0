namespace Pipelines.Broker;

/// <summary>Something asked of the engine's loop.</summary>
internal abstract class EngineRequest
{
    /// <summary>True when it is answered only after a flush.</summary>
    internal abstract bool IsWrite { get; }

    internal abstract void Execute(EngineState state);

    /// <summary>What was written is durable, or there was nothing to write.</summary>
    internal abstract void Complete(EngineState state);

    internal abstract void Fail(Exception reason);
}

/// <summary>A request with an answer.</summary>
internal sealed class EngineRequest<T>(Func<EngineState, Outcome<T>> work) : EngineRequest
{
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Outcome<T> outcome;

    internal Task<T> Answer => answer.Task;

    internal override bool IsWrite => outcome.IsWrite;

    internal override void Execute(EngineState state) => outcome = work(state);

    internal override void Complete(EngineState state)
    {
        outcome.OnDurable?.Invoke();
        answer.TrySetResult(outcome.Value);
    }

    internal override void Fail(Exception reason) => answer.TrySetException(StorageFailedException.From(reason));
}

/// <summary>What a request came to.</summary>
/// <param name="Value">The answer.</param>
/// <param name="IsWrite">True when the answer waits for a flush.</param>
/// <param name="OnDurable">Done before the answer is given, when what was written is durable.</param>
internal readonly record struct Outcome<T>(T Value, bool IsWrite = false, Action? OnDurable = null);

/// <summary>The engine's storage has failed; nothing more is accepted until it is opened again.</summary>
public sealed class StorageFailedException : IOException
{
    private const int DiskFullUnix = 28;
    private const int DiskFullWindows = unchecked((int)0x80070070);

    private StorageFailedException(string message, Exception inner, bool isDiskFull) : base(message, inner) => IsDiskFull = isDiskFull;

    /// <summary>True when the disk is full.</summary>
    public bool IsDiskFull { get; }

    internal static StorageFailedException Closed() =>
        new("The engine was closed before the request was done. Open it again; what was not acknowledged may or may not be there.", new ObjectDisposedException(nameof(LogEngine)), isDiskFull: false);

    internal static StorageFailedException From(Exception reason)
    {
        if (reason is StorageFailedException known) return known;
        bool isFull = reason is IOException && (reason.HResult == DiskFullWindows || (reason.HResult & 0xFFFF) == DiskFullUnix);
        return new StorageFailedException(
            isFull
                ? $"The disk is full: {reason.Message.TrimEnd('.')}. Nothing more is acknowledged, and nothing acknowledged is lost. Make room and start again."
                : $"The log failed: {reason.Message.TrimEnd('.')}. Nothing more is acknowledged, and nothing acknowledged is lost. Check the disk and start again.",
            reason,
            isFull);
    }
}
