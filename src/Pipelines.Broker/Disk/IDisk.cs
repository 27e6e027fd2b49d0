namespace Pipelines.Broker.Disk;

/// <summary>What the engine needs of a file system. Paths are relative to the data folder and use <c>/</c>.</summary>
/// <remarks>
/// What was written is durable only after <see cref="IDiskFile.FlushAsync"/>, and a created, renamed or deleted entry only after
/// <see cref="FlushFolder"/>. Nothing is assumed of the order in which unflushed writes reach the disk. Failures are <see cref="IOException"/>s.
/// </remarks>
public interface IDisk
{
    /// <summary>Opens a file for reading and writing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">True to create it when it does not exist.</param>
    IDiskFile Open(string path, bool create);

    /// <summary>True when the file exists.</summary>
    bool Exists(string path);

    /// <summary>The names of the files in a folder, without the folder; none when it does not exist.</summary>
    IReadOnlyList<string> ListFiles(string folder);

    /// <summary>The names of the folders in a folder, without the folder; none when it does not exist.</summary>
    IReadOnlyList<string> ListFolders(string folder);

    /// <summary>Creates a folder and those above it.</summary>
    void CreateFolder(string folder);

    /// <summary>Deletes a file; nothing when it does not exist.</summary>
    void Delete(string path);

    /// <summary>Deletes a folder and all that is in it.</summary>
    void DeleteFolder(string folder);

    /// <summary>Renames a file, replacing one of the new name.</summary>
    void Rename(string from, string to);

    /// <summary>Makes the folder's entries durable.</summary>
    void FlushFolder(string folder);

    /// <summary>Takes the folder for this process alone.</summary>
    /// <returns>Releases the lock when it is disposed of.</returns>
    /// <exception cref="DataFolderLockedException">Another process has it.</exception>
    IDisposable Lock();
}

/// <summary>An open file.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>The file's size in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to <paramref name="target"/>'s length.</summary>
    /// <returns>The bytes read; fewer at the end of the file.</returns>
    int Read(Span<byte> target, long position);

    /// <summary>Writes all of <paramref name="source"/>.</summary>
    void Write(ReadOnlySpan<byte> source, long position);

    /// <summary>Cuts the file off, or extends it with zeros.</summary>
    void SetLength(long length);

    /// <summary>Makes everything written so far durable.</summary>
    ValueTask FlushAsync();
}

/// <summary>Another process uses the data folder.</summary>
public sealed class DataFolderLockedException : IOException
{
    /// <summary>Says which folder, and what to do.</summary>
    public DataFolderLockedException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
