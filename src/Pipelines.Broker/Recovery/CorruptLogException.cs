namespace Pipelines.Broker.Recovery;

/// <summary>A log is damaged where it was known to be safe, so the engine does not start: going on would lose acknowledged records silently.</summary>
public sealed class CorruptLogException : IOException
{
    /// <summary>Names the damage.</summary>
    /// <param name="file">The file, relative to the data folder.</param>
    /// <param name="position">The byte at which the damage begins.</param>
    /// <param name="what">What is wrong there.</param>
    public CorruptLogException(string file, long position, string what)
        : base($"{file} is damaged at byte {position}: {what}, and what follows was known to be safe, so this is no torn end of a crash. Restore the file from a backup; to give up everything behind the damage, cut the file off at that byte and remove the later ones of its folder.")
    {
        File = file;
        Position = position;
    }

    /// <summary>Names a file that is missing or cannot be what it should.</summary>
    /// <param name="file">The file or folder, relative to the data folder.</param>
    /// <param name="what">What is wrong, and what to do.</param>
    public CorruptLogException(string file, string what) : base($"{file} {what}") => File = file;

    /// <summary>The file, relative to the data folder.</summary>
    public string File { get; }

    /// <summary>The byte at which the damage begins.</summary>
    public long Position { get; }
}
