namespace Pipelines.Cli;

/// <summary>What a command reads from and writes to, and what its surroundings say.</summary>
/// <param name="In">Where records to produce come from.</param>
/// <param name="Out">What was asked for.</param>
/// <param name="Error">Everything else: mistakes, progress, remarks.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>Whether somebody looks at <see cref="Error"/> who wants to see how it goes.</summary>
    internal bool ShowsProgress { get; init; }

    /// <summary>The broker to talk to when none is typed.</summary>
    internal string? Bootstrap { get; init; }

    /// <summary>The password of the user that is typed; not an argument, since every process of the machine sees those.</summary>
    internal string? Password { get; init; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;
}
