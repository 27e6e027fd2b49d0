using Pipelines.Broker.Disk;

namespace Pipelines.Simulation.World;

/// <summary>The host is dead: thrown from the disk operation at which it died.</summary>
internal sealed class SimulatedCrashException() : Exception("The simulated host has crashed.");

/// <summary>
/// A disk that keeps what is written and what is durable apart, for files and for folder entries. A crash keeps what is durable and any
/// part of the rest: writes may be missing, out of order, or torn at a sector.
/// </summary>
internal sealed class SimulatedDisk(Random random, SimulatedTime time, FaultCounts counts) : IDisk
{
    private readonly Dictionary<string, SimulatedFile> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimulatedFile> durableFiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> folders = new(StringComparer.Ordinal) { "" };
    private readonly HashSet<string> durableFolders = new(StringComparer.Ordinal) { "" };
    private long operations;
    private long writes;
    private long flushes;

    internal Faults Faults { get; private set; } = new();

    internal bool HasCrashed { get; private set; }

    internal long Operations => operations;

    public IDiskFile Open(string path, bool create)
    {
        Operate();
        if (!files.TryGetValue(path, out SimulatedFile? file))
        {
            if (!create) throw new FileNotFoundException($"There is no file '{path}'.");
            if (!folders.Contains(FolderOf(path))) throw new DirectoryNotFoundException($"There is no folder '{FolderOf(path)}'.");
            files.Add(path, file = new SimulatedFile());
        }

        return new Handle(this, file);
    }

    public bool Exists(string path) => files.ContainsKey(path);

    public IReadOnlyList<string> ListFiles(string folder) =>
        [.. files.Keys.Where(path => FolderOf(path) == folder).Select(static path => path[(path.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> ListFolders(string folder) =>
        [.. folders.Where(path => path.Length > 0 && FolderOf(path) == folder).Select(static path => path[(path.LastIndexOf('/') + 1)..]).Order(StringComparer.Ordinal)];

    public void CreateFolder(string folder)
    {
        Operate();
        for (string at = folder; at.Length > 0; at = FolderOf(at)) folders.Add(at);
    }

    public void Delete(string path)
    {
        Operate();
        files.Remove(path);
    }

    public void DeleteFolder(string folder)
    {
        Operate();
        foreach (string path in files.Keys.Where(path => FolderOf(path) == folder).ToArray()) files.Remove(path);
        folders.Remove(folder);
    }

    public void Rename(string from, string to)
    {
        Operate();
        files[to] = files[from];
        files.Remove(from);
    }

    public void FlushFolder(string folder)
    {
        Operate();
        foreach (string path in durableFiles.Keys.Where(path => FolderOf(path) == folder).ToArray()) durableFiles.Remove(path);
        foreach ((string path, SimulatedFile file) in files)
        {
            if (FolderOf(path) == folder) durableFiles[path] = file;
        }

        durableFolders.RemoveWhere(path => path.Length > 0 && FolderOf(path) == folder && !folders.Contains(path));
        foreach (string path in folders)
        {
            if (path.Length > 0 && FolderOf(path) == folder) durableFolders.Add(path);
        }
    }

    public IDisposable Lock() => new Nothing();

    /// <summary>The host starts again on what the disk kept, with faults of its own.</summary>
    /// <param name="powerCut">True when what was not durable may be lost; false when only the process died.</param>
    /// <param name="faults">The faults of the next life.</param>
    internal void Restart(bool powerCut, Faults faults)
    {
        if (powerCut) LoseWhatIsNotDurable();
        Faults = faults;
        HasCrashed = false;
        operations = 0;
        writes = 0;
        flushes = 0;
    }

    private void LoseWhatIsNotDurable()
    {
        foreach (string path in files.Keys.Concat(durableFiles.Keys).Distinct().Order(StringComparer.Ordinal).ToArray())
        {
            bool isNow = files.TryGetValue(path, out SimulatedFile? now);
            bool was = durableFiles.TryGetValue(path, out SimulatedFile? before);
            if (isNow == was && ReferenceEquals(now, before)) continue;
            bool keepsNew = random.Next(2) == 0;
            if (keepsNew ? isNow : was) files[path] = keepsNew ? now! : before!;
            else files.Remove(path);
        }

        foreach (string folder in folders.Where(folder => !durableFolders.Contains(folder)).Order(StringComparer.Ordinal).ToArray())
        {
            if (random.Next(2) == 0) continue;
            folders.Remove(folder);
            foreach (string path in files.Keys.Where(path => FolderOf(path) == folder).ToArray()) files.Remove(path);
        }

        foreach (string folder in durableFolders) folders.Add(folder);
        durableFiles.Clear();
        foreach ((string path, SimulatedFile file) in files.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            file.LoseUnflushed(random, counts);
            durableFiles[path] = file;
        }

        durableFolders.UnionWith(folders);
    }

    private void Operate()
    {
        if (HasCrashed) throw new SimulatedCrashException();
        if (++operations < Faults.CrashAtOperation) return;
        HasCrashed = true;
        throw new SimulatedCrashException();
    }

    private void BeginWrite()
    {
        writes++;
        if (writes >= Faults.FullAtWrite)
        {
            if (writes == Faults.FullAtWrite) counts.FullDisks++;
            throw new IOException("No space left on device", 28);
        }

        if (writes != Faults.FailAtWrite) return;
        counts.FailedWrites++;
        throw new IOException("Input/output error", 5);
    }

    private async ValueTask FlushAsync(SimulatedFile file)
    {
        Operate();
        int covered = file.Unflushed;
        long number = ++flushes;
        await Task.Delay(TimeSpan.FromTicks(1 + (long)(random.NextDouble() * Faults.FlushTime.Ticks)), time);
        Operate();
        if (number == Faults.FailAtFlush)
        {
            counts.FailedFlushes++;
            throw new IOException("Input/output error", 5);
        }

        file.Flush(covered);
    }

    private static string FolderOf(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }

    private sealed class Handle(SimulatedDisk disk, SimulatedFile file) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> target, long position) => file.Read(target, position);

        public void Write(ReadOnlySpan<byte> source, long position)
        {
            // The write that the host dies in may reach the disk in part.
            if (!disk.HasCrashed && disk.operations + 1 >= disk.Faults.CrashAtOperation) file.Write(source, position);
            disk.Operate();
            disk.BeginWrite();
            file.Write(source, position);
        }

        public void SetLength(long length)
        {
            disk.Operate();
            file.SetLength(length);
        }

        public ValueTask FlushAsync() => disk.FlushAsync(file);

        public void Dispose()
        {
        }
    }
}
