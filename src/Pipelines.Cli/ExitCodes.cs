namespace Pipelines.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    /// <summary>It was done.</summary>
    internal const int Done = 0;

    /// <summary>It was not done, and the error output says why.</summary>
    internal const int Failed = 1;

    /// <summary>What was typed cannot be understood.</summary>
    internal const int Usage = 2;

    /// <summary>It was interrupted before it was done: 128 and the signal's number.</summary>
    internal const int Interrupted = 130;
}

/// <summary>A command cannot do what it was asked; the message is one line that says why and what to do.</summary>
internal class CommandException(string message) : Exception(message);

/// <summary>What was typed is understood, but cannot be meant.</summary>
internal sealed class UsageException(string message) : CommandException(message);
