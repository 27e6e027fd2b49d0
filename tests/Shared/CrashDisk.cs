using System.Runtime.InteropServices;
using Pipelines.Broker.Disk;

namespace Pipelines.Tests;

/// <summary>The machine went down: whatever is asked of the disk after that fails.</summary>
internal sealed class CrashedException() : IOException("The machine is down");

/// <summary>A disk in memory that keeps written and flushed apart, for files and for folder entries, and loses what was not flushed when it crashes.</summary>
internal sealed class CrashDisk : IDisk
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Node?> current = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node?> durable = new(StringComparer.Ordinal);
    private bool isLocked;

    /// <summary>A file: what is on the disk, and the changes since.</summary>
    private sealed class Node
    {
        internal byte[] Durable = [];
        internal byte[] Bytes = [];
        internal int Length;
        internal readonly List<Change> Pending = [];
        internal readonly Dictionary<long, byte> Flipped = [];
    }

    /// <summary>A write, or with no bytes a new length.</summary>
    private readonly record struct Change(long Position, byte[]? Bytes);

    /// <summary>Operations done so far: writes, flushes, and changes of entries.</summary>
    internal int Operations { get; private set; }

    /// <summary>The operation at which the machine goes down; 0 for never.</summary>
    internal int CrashAt { get; set; }

    /// <summary>Decides whether an operation fails, and how.</summary>
    internal Func<string, string, Exception?>? Fault { get; set; }

    /// <summary>True for a disk that reports flushes as done without doing them: the tests must notice.</summary>
    internal bool Lies { get; init; }

    internal bool IsDown { get; private set; }

    public IDiskFile Open(string path, bool create)
    {
        lock (gate)
        {
            if (!current.TryGetValue(path, out Node? node) || node is null)
            {
                if (!create) throw new FileNotFoundException($"{path} does not exist", path);
                if (!FolderExists(Parent(path))) throw new DirectoryNotFoundException($"Folder of {path} does not exist");
                Step("create", path);
                current[path] = node = new Node();
            }

            return new OpenFile(this, path, node);
        }
    }

    public bool Exists(string path)
    {
        lock (gate) return current.GetValueOrDefault(path) is not null;
    }

    public IReadOnlyList<string> ListFiles(string folder) => List(folder, files: true);

    public IReadOnlyList<string> ListFolders(string folder) => List(folder, files: false);

    public void CreateFolder(string folder)
    {
        lock (gate)
        {
            for (int at = folder.IndexOf('/', StringComparison.Ordinal); at >= 0; at = folder.IndexOf('/', at + 1)) Make(folder[..at]);
            Make(folder);
        }

        void Make(string path)
        {
            if (FolderExists(path)) return;
            Step("mkdir", path);
            // Another folder than the one that had the name before: it has none of its files, whatever a crash brings back.
            foreach (string child in durable.Keys.Where(child => Parent(child) == path).ToArray()) durable.Remove(child);
            current[path] = null;
        }
    }

    public void Delete(string path)
    {
        lock (gate)
        {
            if (!current.ContainsKey(path)) return;
            Step("delete", path);
            current.Remove(path);
        }
    }

    public void DeleteFolder(string folder)
    {
        lock (gate)
        {
            Step("rmdir", folder);
            foreach (string path in current.Keys.Where(path => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal)).ToArray()) current.Remove(path);
        }
    }

    public void Rename(string from, string to)
    {
        lock (gate)
        {
            Step("rename", from);
            current[to] = current[from];
            current.Remove(from);
        }
    }

    public void FlushFolder(string folder)
    {
        lock (gate)
        {
            Step("flush folder", folder);
            if (Lies) return;
            foreach (string path in current.Keys.Union(durable.Keys).Where(path => Parent(path) == folder).ToArray()) Settle(path, keep: true);
        }
    }

    public IDisposable Lock()
    {
        lock (gate)
        {
            if (isLocked) throw new DataFolderLockedException("The folder is locked");
            isLocked = true;
            return new Unlock(this);
        }
    }

    internal byte[] ReadAll(string path)
    {
        lock (gate) return current[path]!.Bytes.AsSpan(0, current[path]!.Length).ToArray();
    }

    internal void Replace(string path, byte[] bytes)
    {
        lock (gate) current[path] = durable[path] = new Node { Bytes = bytes, Length = bytes.Length, Durable = bytes.ToArray() };
    }

    /// <summary>From here on a byte is read otherwise than it was written; done twice, it is right again.</summary>
    internal void Flip(string path, long position, byte bits)
    {
        lock (gate) CollectionsMarshal.GetValueRefOrAddDefault(current[path]!.Flipped, position, out _) ^= bits;
    }

    internal void Remove(string path)
    {
        lock (gate)
        {
            current.Remove(path);
            durable.Remove(path);
        }
    }

    internal IReadOnlyList<string> Paths(string ending)
    {
        lock (gate) return [.. current.Keys.Where(path => path.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The process was killed; what it wrote is still with the system.</summary>
    internal void Kill() => IsDown = true;

    /// <summary>The disk after a restart of the process, with the machine up all the time.</summary>
    internal CrashDisk AfterKill()
    {
        lock (gate)
        {
            var next = new CrashDisk { Lies = Lies };
            foreach ((string path, Node? node) in current) next.current[path] = node;
            foreach ((string path, Node? node) in durable) next.durable[path] = node;
            return next;
        }
    }

    /// <summary>The same disk once more, to be changed apart from this one.</summary>
    internal CrashDisk Copy()
    {
        lock (gate)
        {
            var next = new CrashDisk { Lies = Lies };
            var copies = new Dictionary<Node, Node>();
            foreach ((string path, Node? node) in current) next.current[path] = node is null ? null : Of(node);
            foreach ((string path, Node? node) in durable) next.durable[path] = node is null ? null : Of(node);
            return next;

            Node Of(Node node)
            {
                if (copies.TryGetValue(node, out Node? copy)) return copy;
                copies[node] = copy = new Node { Durable = node.Durable, Bytes = node.Bytes.ToArray(), Length = node.Length };
                copy.Pending.AddRange(node.Pending);
                return copy;
            }
        }
    }

    /// <summary>What the machine finds after a power cut: each change that was not flushed is there, torn, or not.</summary>
    /// <param name="random">Decides which.</param>
    /// <param name="keepChance">How likely a change is there; 0 loses everything that was not flushed, 1 nothing.</param>
    internal CrashDisk AfterPowerCut(Random random, double keepChance) => AfterPowerCut(random, _ => keepChance);

    /// <summary>The same, with a chance for each path.</summary>
    internal CrashDisk AfterPowerCut(Random random, Func<string, double> keepChance)
    {
        lock (gate)
        {
            IsDown = true;
            foreach (string path in current.Keys.Union(durable.Keys).ToArray()) Settle(path, random.NextDouble() < keepChance(path));
            var next = new CrashDisk { Lies = Lies };
            foreach ((string path, Node? node) in durable)
            {
                if (!Reaches(path)) continue;
                Node? survivor = node is null ? null : Survive(node, random, keepChance(path));
                next.current[path] = next.durable[path] = survivor;
            }

            return next;
        }

        bool Reaches(string path) => Parent(path) is "" || (durable.TryGetValue(Parent(path), out Node? folder) && folder is null && Reaches(Parent(path)));
    }

    private static Node Survive(Node node, Random random, double keepChance)
    {
        var file = new Node { Bytes = node.Durable.ToArray(), Length = node.Durable.Length };
        foreach (Change change in node.Pending)
        {
            if (random.NextDouble() >= keepChance) continue;
            if (change.Bytes is null)
            {
                Resize(file, (int)change.Position);
                continue;
            }

            bool isTorn = keepChance < 1 && random.Next(4) == 0;
            Put(file, isTorn ? change.Bytes.AsSpan(0, random.Next(change.Bytes.Length)) : change.Bytes, change.Position);
        }

        return new Node { Durable = file.Bytes.AsSpan(0, file.Length).ToArray(), Bytes = file.Bytes, Length = file.Length };
    }

    private static void Put(Node node, ReadOnlySpan<byte> bytes, long position)
    {
        int end = (int)position + bytes.Length;
        if (end > node.Length) Resize(node, end);
        bytes.CopyTo(node.Bytes.AsSpan((int)position));
    }

    private static void Resize(Node node, int length)
    {
        if (node.Bytes.Length < length) Array.Resize(ref node.Bytes, Math.Max(length, node.Bytes.Length * 2));
        if (length > node.Length) node.Bytes.AsSpan(node.Length, length - node.Length).Clear();
        node.Length = length;
    }

    private void Settle(string path, bool keep)
    {
        if (!keep) return;
        if (current.TryGetValue(path, out Node? node)) durable[path] = node;
        else durable.Remove(path);
    }

    private string[] List(string folder, bool files)
    {
        lock (gate)
        {
            return [.. current.Where(entry => Parent(entry.Key) == folder && entry.Value is not null == files).Select(entry => entry.Key[(folder.Length == 0 ? 0 : folder.Length + 1)..]).Order(StringComparer.Ordinal)];
        }
    }

    private bool FolderExists(string folder) => folder.Length == 0 || (current.TryGetValue(folder, out Node? node) && node is null);

    private static string Parent(string path) => path.LastIndexOf('/') is var at and >= 0 ? path[..at] : "";

    private void Step(string operation, string path)
    {
        if (IsDown) throw new CrashedException();
        Operations++;
        if (Operations == CrashAt)
        {
            IsDown = true;
            throw new CrashedException();
        }

        if (Fault?.Invoke(operation, path) is { } fault) throw fault;
    }

    private sealed class Unlock(CrashDisk disk) : IDisposable
    {
        public void Dispose()
        {
            lock (disk.gate) disk.isLocked = false;
        }
    }

    private sealed class OpenFile(CrashDisk disk, string path, Node node) : IDiskFile
    {
        public long Length
        {
            get
            {
                lock (disk.gate) return node.Length;
            }
        }

        public int Read(Span<byte> target, long position)
        {
            lock (disk.gate)
            {
                int count = (int)Math.Max(0, Math.Min(target.Length, node.Length - position));
                if (count > 0) node.Bytes.AsSpan((int)position, count).CopyTo(target);
                foreach ((long at, byte bits) in node.Flipped)
                {
                    if (at >= position && at < position + count) target[(int)(at - position)] ^= bits;
                }

                return count;
            }
        }

        public void Write(ReadOnlySpan<byte> source, long position)
        {
            lock (disk.gate)
            {
                disk.Step("write", path);
                node.Pending.Add(new Change(position, source.ToArray()));
                Put(node, source, position);
            }
        }

        public void SetLength(long length)
        {
            lock (disk.gate)
            {
                disk.Step("set length", path);
                node.Pending.Add(new Change(length, null));
                Resize(node, (int)length);
            }
        }

        public async ValueTask FlushAsync()
        {
            int covered;
            byte[] bytes;
            lock (disk.gate)
            {
                disk.Step("flush", path);
                covered = node.Pending.Count;
                bytes = node.Bytes.AsSpan(0, node.Length).ToArray();
            }

            // Others write meanwhile; that is not covered.
            await Task.Yield();
            lock (disk.gate)
            {
                if (disk.IsDown) throw new CrashedException();
                if (disk.Lies) return;
                node.Durable = bytes;
                node.Pending.RemoveRange(0, covered);
            }
        }

        public void Dispose()
        {
        }
    }
}
