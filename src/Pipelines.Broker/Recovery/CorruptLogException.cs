namespace Pipelines.Broker.Recovery;

/// <summary>A log is damaged where it was known to be safe, so the engine does not start: going on would lose acknowledged records silently.</summary>
public sealed class CorruptLogException : IOException
{
    /// <summary>Names the damage.</summary>
    /// <param name="file">The file, relative to the data folder.</param>
    /// <param name="position">The byte at which the damage begins.</param>
    /// <param name="what">What is wrong there.</param>
    public CorruptLogException(string file, long position, string what)
        : base($"{file} is damaged at byte {position}: {what}, and whole records follow, so this is no torn end of a crash. Restore the file from a backup; to give up everything behind the damage, cut the file off at that byte.")
    {
        File = file;
        Position = position;
    }

    /// <summary>The file, relative to the data folder.</summary>
    public string File { get; }

    /// <summary>The byte at which the damage begins.</summary>
    public long Position { get; }
}
