namespace Pipelines.Protocol.Records;

/// <summary>Bytes are not a record batch, or not the one that its checksum was made for.</summary>
public sealed class CorruptBatchException : FormatException
{
    /// <summary>Says what is wrong and where in the batch.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="position">The byte of the batch at which it shows.</param>
    public CorruptBatchException(string message, int position) : base(message) => Position = position;

    /// <summary>The byte of the batch at which the damage shows.</summary>
    public int Position { get; }

    /// <summary>True when the batch may be well, and holds more than its reader was ready to take.</summary>
    public bool IsTooLarge { get; init; }
}
