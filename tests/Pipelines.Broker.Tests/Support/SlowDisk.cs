using Pipelines.Broker.Disk;

namespace Pipelines.Broker.Tests.Support;

/// <summary>A disk whose flushes of segments wait for a signal.</summary>
internal sealed class SlowDisk(CrashDisk disk, Func<Task> onFlush) : IDisk
{
    public IDiskFile Open(string path, bool create) => path.EndsWith(".log", StringComparison.Ordinal) ? new SlowFile(disk.Open(path, create), onFlush) : disk.Open(path, create);

    public bool Exists(string path) => disk.Exists(path);

    public IReadOnlyList<string> ListFiles(string folder) => disk.ListFiles(folder);

    public IReadOnlyList<string> ListFolders(string folder) => disk.ListFolders(folder);

    public void CreateFolder(string folder) => disk.CreateFolder(folder);

    public void Delete(string path) => disk.Delete(path);

    public void DeleteFolder(string folder) => disk.DeleteFolder(folder);

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void FlushFolder(string folder) => disk.FlushFolder(folder);

    public IDisposable Lock() => disk.Lock();

    private sealed class SlowFile(IDiskFile file, Func<Task> onFlush) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> target, long position) => file.Read(target, position);

        public void Write(ReadOnlySpan<byte> source, long position) => file.Write(source, position);

        public void SetLength(long length) => file.SetLength(length);

        public async ValueTask FlushAsync()
        {
            await onFlush();
            await file.FlushAsync();
        }

        public void Dispose() => file.Dispose();
    }
}
