namespace Pipelines.Broker.Disk;

/// <summary>What is asked of a disk.</summary>
public enum DiskOperation
{
    /// <summary>Bytes are read from a file.</summary>
    Read = 0,

    /// <summary>Bytes are written to a file, or it is cut off or extended.</summary>
    Write = 1,

    /// <summary>A file or folder is made durable.</summary>
    Flush = 2,

    /// <summary>A file or folder is created, deleted or renamed.</summary>
    Entry = 3,
}

/// <summary>A disk that fails when a test wants it to.</summary>
/// <param name="inner">The disk that does the work.</param>
/// <remarks>After a failed write or flush an engine accepts nothing more: it is closed and opened again, as after a crash.</remarks>
public sealed class FaultyDisk(IDisk inner) : IDisk
{
    /// <summary>The disk that does the work.</summary>
    public IDisk Inner { get; } = inner;

    /// <summary>
    /// Asked before each operation, with the path: what it returns is thrown instead, such as <c>new IOException("No space left on device", 28)</c> for a full disk. Null, or
    /// returning null, to let it be done. It may also wait: then the disk is slow. Called from several threads.
    /// </summary>
    public Func<DiskOperation, string, IOException?>? Fail { get; set; }

    /// <summary>The next flush fails, and no other.</summary>
    public void FailNextFlush() => FailNext(DiskOperation.Flush);

    /// <summary>The next write fails, and no other.</summary>
    public void FailNextWrite() => FailNext(DiskOperation.Write);

    /// <inheritdoc/>
    public IDiskFile Open(string path, bool create)
    {
        if (create) Check(DiskOperation.Entry, path);
        return new FaultyFile(this, path, Inner.Open(path, create));
    }

    /// <inheritdoc/>
    public bool Exists(string path) => Inner.Exists(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string folder) => Inner.ListFiles(folder);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFolders(string folder) => Inner.ListFolders(folder);

    /// <inheritdoc/>
    public void CreateFolder(string folder)
    {
        Check(DiskOperation.Entry, folder);
        Inner.CreateFolder(folder);
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        Check(DiskOperation.Entry, path);
        Inner.Delete(path);
    }

    /// <inheritdoc/>
    public void DeleteFolder(string folder)
    {
        Check(DiskOperation.Entry, folder);
        Inner.DeleteFolder(folder);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        Check(DiskOperation.Entry, to);
        Inner.Rename(from, to);
    }

    /// <inheritdoc/>
    public void FlushFolder(string folder)
    {
        Check(DiskOperation.Flush, folder);
        Inner.FlushFolder(folder);
    }

    /// <inheritdoc/>
    public IDisposable Lock() => Inner.Lock();

    private void FailNext(DiskOperation wanted)
    {
        int left = 1;
        Func<DiskOperation, string, IOException?>? former = Fail;
        Fail = (operation, path) => operation == wanted && Interlocked.Exchange(ref left, 0) == 1
            ? new IOException($"{operation} of {path} was made to fail")
            : former?.Invoke(operation, path);
    }

    private void Check(DiskOperation operation, string path)
    {
        if (Fail?.Invoke(operation, path) is { } failure) throw failure;
    }

    private sealed class FaultyFile(FaultyDisk disk, string path, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> target, long position)
        {
            disk.Check(DiskOperation.Read, path);
            return file.Read(target, position);
        }

        public void Write(ReadOnlySpan<byte> source, long position)
        {
            disk.Check(DiskOperation.Write, path);
            file.Write(source, position);
        }

        public void SetLength(long length)
        {
            disk.Check(DiskOperation.Write, path);
            file.SetLength(length);
        }

        public ValueTask FlushAsync()
        {
            disk.Check(DiskOperation.Flush, path);
            return file.FlushAsync();
        }

        public void Dispose() => file.Dispose();
    }
}
