using Microsoft.Extensions.Logging;
using Pipelines.Execution;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Runtime;

/// <summary>What a worker logs.</summary>
/// <remarks>What a broker or the topics refuse is told by its message in one line; a stack trace is for what nobody expected.</remarks>
internal static partial class WorkerLog
{
    /// <summary>The exception, unless its message says all that is to be known.</summary>
    internal static Exception? Unexpected(Exception reason) => reason is BrokerException or TopologyException ? null : reason;

    [LoggerMessage(1, LogLevel.Warning, "Commit failed; opening a new producer and reading the committed progress to learn what became of it: {Reason}")]
    internal static partial void CommitFailed(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "Recovered: the commit in question {Outcome}")]
    internal static partial void Recovered(ILogger logger, string outcome);

    [LoggerMessage(3, LogLevel.Warning, "Recovery failed; trying again unless the broker is gone: {Reason}")]
    internal static partial void RecoveryFailed(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Critical, "The worker has failed; nothing more is committed until it is started again: {Reason}")]
    internal static partial void Failed(ILogger logger, string reason, Exception? unexpected);

    [LoggerMessage(5, LogLevel.Warning, "The last commit before stopping failed; its records are handled again at the next start: {Reason}")]
    internal static partial void LastCommitFailed(ILogger logger, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Reading {Topic}/{Partition} failed: {Reason}")]
    internal static partial void ReadFailed(ILogger logger, string topic, int partition, string reason);

    [LoggerMessage(7, LogLevel.Warning, "{Topic}/{Partition} begins at offset {Start}, so records from {Wanted} on are gone: retention was faster than a deployment")]
    internal static partial void Gap(ILogger logger, string topic, int partition, long wanted, long start);

    [LoggerMessage(8, LogLevel.Warning, "A deployment has no room for {Topic}/{Partition} and reads on its own until it has caught up")]
    internal static partial void Detached(ILogger logger, string topic, int partition);

    [LoggerMessage(9, LogLevel.Information, "A deployment has caught up on {Topic}/{Partition} and shares the scan again")]
    internal static partial void Attached(ILogger logger, string topic, int partition);

    [LoggerMessage(10, LogLevel.Error, "Deployment {Deployment} is refused; the others run without it: {Reason}")]
    internal static partial void Refused(ILogger logger, string deployment, string reason, Exception? unexpected);

    [LoggerMessage(11, LogLevel.Error, "Deployment {Deployment} is stopped by its error contract at its last commit; the others go on")]
    internal static partial void DeploymentStopped(ILogger logger, string deployment, Exception reason);

    [LoggerMessage(12, LogLevel.Information, "Deployment {Deployment}, task {Partition}: {Records} changelog records restored in {Milliseconds:F0} ms")]
    internal static partial void Restored(ILogger logger, string deployment, int partition, long records, double milliseconds);

    [LoggerMessage(13, LogLevel.Information, "Deployment {Deployment}: table {Topic}/{Partition} loaded, {Rows} records")]
    internal static partial void TableLoaded(ILogger logger, string deployment, string topic, int partition, long rows);

    [LoggerMessage(14, LogLevel.Warning, "Row at {Topic}/{Partition} offset {Offset} does not decode and is left out of the table")]
    internal static partial void BadRow(ILogger logger, string topic, int partition, long offset, Exception reason);

    [LoggerMessage(15, LogLevel.Warning, "{Deployment}: {Detector}.{Handler} failed on {Topic}/{Partition} offset {Offset}: {Action}")]
    internal static partial void HandlerFailed(ILogger logger, string deployment, string detector, string handler, string topic, int partition, long offset, FailureAction action, Exception reason);

    [LoggerMessage(16, LogLevel.Information, "Partitions taken over: {Taken}; given back: {Released}")]
    internal static partial void Assigned(ILogger logger, string taken, string released);

    [LoggerMessage(17, LogLevel.Warning, "Partitions lost, {Shards} shards; what was not committed is dropped and done again by whoever has them now: {Reason}")]
    internal static partial void Lost(ILogger logger, int shards, string reason);

    [LoggerMessage(18, LogLevel.Warning, "Restoring partition {Partition} failed; trying again unless the broker is gone: {Reason}")]
    internal static partial void RestoreFailed(ILogger logger, int partition, string reason);

    [LoggerMessage(19, LogLevel.Warning, "Deployment {Deployment}, task {Partition} is left behind in a handler that does not return; its partition is given back without it")]
    internal static partial void LeftBehind(ILogger logger, string deployment, int partition);

    [LoggerMessage(20, LogLevel.Warning, "Joining the group failed; trying again: {Reason}")]
    internal static partial void JoinFailed(ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Warning, "Deployment {Deployment}, task {Partition} has not answered for {Seconds:F0} s: its handler does not return, and nothing of it is committed")]
    internal static partial void Stuck(ILogger logger, string deployment, int partition, double seconds);

    [LoggerMessage(EventId = 22, Message = "The offsets of deployment {Deployment} could not be copied to its group; tools show an older lag: {Reason}")]
    internal static partial void MirrorFailed(ILogger logger, LogLevel level, string deployment, string reason);

    [LoggerMessage(23, LogLevel.Warning, "Starting failed; trying again: {Reason}")]
    internal static partial void StartFailed(ILogger logger, string reason);

    [LoggerMessage(24, LogLevel.Warning, "Topic '{Topic}' deletes what is older than {Retention} (retention.ms={Milliseconds}), but a record {How} it is of {Time}, {Age} ago: Kafka deletes it within minutes, whoever has not read it yet. {Remedy}")]
    internal static partial void TooOld(ILogger logger, string topic, string retention, string milliseconds, string how, string time, string age, string remedy);

    [LoggerMessage(25, LogLevel.Warning, "{Risk}")]
    internal static partial void Risk(ILogger logger, string risk);

    [LoggerMessage(27, LogLevel.Information, "Restoring {Topic}/{Partition}: at {Position} of {Target}, {Percent:F0} %, {Rate:F0} records/s, {Left}")]
    internal static partial void Restoring(ILogger logger, string topic, int partition, long position, long target, double percent, double rate, string left);

    [LoggerMessage(EventId = 29, Message = "What is handled in the pipeline's own topics stays there, and takes room: {Reason}")]
    internal static partial void PurgeFailed(ILogger logger, LogLevel level, string reason);

    [LoggerMessage(30, LogLevel.Warning, "{Topic}/{Partition} cannot be taken over yet: {Reason}")]
    internal static partial void Undecided(ILogger logger, string topic, int partition, string reason);

    [LoggerMessage(28, LogLevel.Warning, "{Topic}/{Partition} does not go on at offset {Position}: {Reason}")]
    internal static partial void Stands(ILogger logger, string topic, int partition, long position, string reason);

    [LoggerMessage(EventId = 26, Message = "Deployment {Deployment} reads topic '{Topic}', which did not exist: it was created with {Partitions} partitions. If the name is wrong, correct it; if others make the topic, set Pipelines:CreateTopics to false")]
    internal static partial void InputCreated(ILogger logger, LogLevel level, string deployment, string topic, int partitions);
}
