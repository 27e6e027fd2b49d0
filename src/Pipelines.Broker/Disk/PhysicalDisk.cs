using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pipelines.Broker.Disk;

/// <summary>A folder of the machine's file system.</summary>
public sealed class PhysicalDisk(string folder) : IDisk
{
    private const string LockName = "lock";
    private const string HolderName = "lock.pid";

    /// <summary>The folder's full path.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public IDiskFile Open(string path, bool create) => new PhysicalFile(File.OpenHandle(
        Resolve(path), create ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, FileOptions.None));

    /// <inheritdoc/>
    public bool Exists(string path) => File.Exists(Resolve(path));

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string folder) => Names(Directory.Exists(Resolve(folder)) ? Directory.GetFiles(Resolve(folder)) : []);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFolders(string folder) => Names(Directory.Exists(Resolve(folder)) ? Directory.GetDirectories(Resolve(folder)) : []);

    /// <inheritdoc/>
    public void CreateFolder(string folder) => Directory.CreateDirectory(Resolve(folder));

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(Resolve(path));

    /// <inheritdoc/>
    public void DeleteFolder(string folder) => Directory.Delete(Resolve(folder), recursive: true);

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(Resolve(from), Resolve(to), overwrite: true);

    /// <inheritdoc/>
    public void FlushFolder(string folder)
    {
        // Windows makes directory entries durable with the file; elsewhere the folder has to be flushed itself.
        if (OperatingSystem.IsWindows()) return;
        int descriptor = NativeMethods.Open(Resolve(folder), 0);
        if (descriptor < 0) throw new IOException($"Folder '{Resolve(folder)}' cannot be opened to be flushed: error {Marshal.GetLastPInvokeError()}.");
        try
        {
            if (NativeMethods.Flush(descriptor) != 0) throw new IOException($"Folder '{Resolve(folder)}' cannot be flushed: error {Marshal.GetLastPInvokeError()}.");
        }
        finally
        {
            _ = NativeMethods.Close(descriptor);
        }
    }

    /// <inheritdoc/>
    public IDisposable Lock()
    {
        bool isNew = !Directory.Exists(Folder);
        Directory.CreateDirectory(Folder);
        if (isNew && Path.GetDirectoryName(Folder) is { } parent) FlushFolder(parent);
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(Folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse) when (File.Exists(Path.Combine(Folder, LockName)))
        {
            throw new DataFolderLockedException(
                $"Data folder '{Folder}' is used by {Holder()}, and two engines on one log would damage it. Stop that process, or use another folder.", inUse);
        }

        // A locked file cannot be read by others everywhere, so who holds it is said beside it.
        File.WriteAllText(Path.Combine(Folder, HolderName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return held;
    }

    private string Holder()
    {
        try
        {
            return $"process {File.ReadAllText(Path.Combine(Folder, HolderName)).Trim()}";
        }
        catch (IOException)
        {
            return "another process";
        }
    }

    private string Resolve(string path) => Path.Combine(Folder, path);

    private static string[] Names(string[] paths) => [.. paths.Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private sealed class PhysicalFile(SafeFileHandle handle) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> target, long position)
        {
            int total = 0;
            while (total < target.Length)
            {
                int read = RandomAccess.Read(handle, target[total..], position + total);
                if (read == 0) break;
                total += read;
            }

            return total;
        }

        public void Write(ReadOnlySpan<byte> source, long position) => RandomAccess.Write(handle, source, position);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        // A flush blocks a thread for milliseconds: the one place where work leaves the engine's loop.
        public ValueTask FlushAsync() => new(Task.Factory.StartNew(
            static file => RandomAccess.FlushToDisk((SafeFileHandle)file!), handle, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default));

        public void Dispose() => handle.Dispose();
    }
}

internal static partial class NativeMethods
{
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);
}
