using System.Diagnostics;

namespace Pipelines.Benchmarks;

/// <summary>What the disk and the kernel's page cache do without the engine.</summary>
internal sealed class DiskAlone(string folder)
{
    private const int FlushBytes = 8 * 1024 * 1024;

    private int files;

    /// <summary>Writes bytes to a new file and flushes every 8 MB. The file stays, so that the next one does not get its memory.</summary>
    /// <returns>Seconds.</returns>
    internal double Write(long bytes)
    {
        byte[] some = new byte[1024 * 1024];
        Random.Shared.NextBytes(some);
        string path = Path.Combine(folder, $"disk-alone-{++files}");
        long began = Stopwatch.GetTimestamp();
        using (FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (long at = 0; at < bytes;)
            {
                int size = (int)Math.Min(some.Length, bytes - at);
                file.Write(some, 0, size);
                at += size;
                if (at % FlushBytes == 0 || at >= bytes) file.Flush(flushToDisk: true);
            }
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
