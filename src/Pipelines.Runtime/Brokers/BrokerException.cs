namespace Pipelines.Runtime.Brokers;

/// <summary>The broker could not do what it was asked.</summary>
public sealed class BrokerException : Exception
{
    /// <summary>Says what failed, why, and what to do.</summary>
    /// <param name="message">What failed, why, and what to do.</param>
    /// <param name="isFatal">True when trying again cannot help: the broker itself has stopped, or refuses.</param>
    /// <param name="inner">What the broker said.</param>
    public BrokerException(string message, bool isFatal, Exception? inner = null) : base(message, inner) => IsFatal = isFatal;

    /// <summary>True when trying again cannot help.</summary>
    public bool IsFatal { get; }

    /// <summary>True when the group has gone on without this member: its partitions are others' now.</summary>
    public bool IsGroupLost { get; init; }

    /// <summary>True when another producer took the transactional id over.</summary>
    public bool IsFenced { get; init; }
}
