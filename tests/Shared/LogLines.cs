using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Pipelines.Tests;

/// <summary>What a broker or a worker said, exceptions with all that is in them.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyList<string> All => [.. lines];

    /// <summary>The line that has all of these in it; waits for it, since what a client sees may come before it.</summary>
    public async Task<string> FindAsync(params string[] parts)
    {
        for (int tries = 0; tries < 100; tries++)
        {
            if (lines.FirstOrDefault(line => parts.All(part => line.Contains(part, StringComparison.Ordinal))) is { } found) return found;
            await Task.Delay(50);
        }

        throw new InvalidOperationException($"No line has '{string.Join("', '", parts)}':{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $"{Environment.NewLine}{exception}")}");

    public void Dispose()
    {
    }
}
