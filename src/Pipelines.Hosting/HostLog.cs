using Microsoft.Extensions.Logging;

namespace Pipelines.Hosting;

/// <summary>What a host logs.</summary>
internal static partial class HostLog
{
    [LoggerMessage(101, LogLevel.Critical, "The process ends, for its worker has failed: {Reason}")]
    internal static partial void WorkerFailed(ILogger logger, string reason);

    [LoggerMessage(102, LogLevel.Warning, "Log recovery: {Message}")]
    internal static partial void Recovered(ILogger logger, string message);

    [LoggerMessage(105, LogLevel.Error, "{Message}")]
    internal static partial void Damaged(ILogger logger, string message);

    [LoggerMessage(103, LogLevel.Warning, "Setting Pipelines:Kafka:{Name} has no effect: whole batches go from here to the cluster, without queues or compression of a client in between")]
    internal static partial void Unused(ILogger logger, string name);

    [LoggerMessage(104, LogLevel.Critical, "The pipeline cannot start: {Reason}")]
    internal static partial void NotStarted(ILogger logger, string reason);
}
