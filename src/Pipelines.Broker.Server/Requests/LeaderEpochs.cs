namespace Pipelines.Broker.Server.Requests;

/// <summary>There is one broker, and it has led every partition from the beginning.</summary>
internal static class LeaderEpochs
{
    /// <summary>The epoch of all partitions.</summary>
    internal const int Current = 0;

    /// <summary>Judges the epoch that a client believes in; -1 when it has no belief (KIP-320).</summary>
    internal static ErrorCode Check(int believed) => believed > Current ? ErrorCode.UnknownLeaderEpoch : ErrorCode.None;
}
