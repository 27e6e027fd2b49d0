using Microsoft.Extensions.Logging;

namespace Pipelines.Hosting;

/// <summary>What a host logs.</summary>
internal static partial class HostLog
{
    [LoggerMessage(101, LogLevel.Critical, "The worker has failed; the process ends")]
    internal static partial void WorkerFailed(ILogger logger, Exception reason);

    [LoggerMessage(102, LogLevel.Warning, "Log recovery: {Message}")]
    internal static partial void Recovered(ILogger logger, string message);
}
