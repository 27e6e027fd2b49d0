namespace Pipelines.Broker.Recovery;

/// <summary>Which checksums are verified when a log is opened. What no flush is known to have covered is always verified.</summary>
public enum Verification
{
    /// <summary>Those of each partition's last segment, whatever the last shutdown was like.</summary>
    LastSegment = 0,

    /// <summary>Only what the last shutdown did not leave known to be durable: the fastest start.</summary>
    Unproven = 1,

    /// <summary>All of them: reads the whole log.</summary>
    All = 2,
}
