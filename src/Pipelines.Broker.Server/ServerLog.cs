using Microsoft.Extensions.Logging;

namespace Pipelines.Broker.Server;

/// <summary>What the broker says.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {Address}.")]
    internal static partial void Listening(ILogger logger, string address);

    [LoggerMessage(2, LogLevel.Warning, "Connection {Id} of {Host} is closed: {Reason}")]
    internal static partial void Refused(ILogger logger, string host, long id, string reason);

    [LoggerMessage(3, LogLevel.Information, "Connection {Id} of {Host} is closed: {Reason}")]
    internal static partial void Closed(ILogger logger, string host, long id, string reason);

    [LoggerMessage(4, LogLevel.Error, "Connection {Id} of {Host} is closed because a request failed. This is a defect of the broker; report it with this text.")]
    internal static partial void Failed(ILogger logger, string host, long id, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "Topic '{Topic}' with {Partitions} partitions was created because a client asked for it.")]
    internal static partial void TopicCreated(ILogger logger, string topic, int partitions);
}
