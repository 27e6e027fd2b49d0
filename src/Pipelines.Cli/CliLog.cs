using Microsoft.Extensions.Logging;

namespace Pipelines.Cli;

/// <summary>What the command line says in the log.</summary>
internal static partial class CliLog
{
    [LoggerMessage(1, LogLevel.Information, "{Message}")]
    internal static partial void Recovered(ILogger logger, string message);

    [LoggerMessage(2, LogLevel.Warning, "{Message}")]
    internal static partial void CompactionFailed(ILogger logger, string message);

    [LoggerMessage(3, LogLevel.Error, "{Message}")]
    internal static partial void Damaged(ILogger logger, string message);
}
