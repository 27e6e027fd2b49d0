namespace Pipelines.Loads;

/// <summary>
/// The memory of the kernel's page cache. A virtual machine gives memory when it is first used, and the kernel's copy into such a page waits for that; who writes into memory that was used before is
/// several times faster. So that everybody finds it alike, it is written to beforehand.
/// </summary>
internal static class PageMemory
{
    private const int WriteBytes = 1024 * 1024;

    /// <summary>Fills a file and deletes it: the page cache takes the same memory for what is written next.</summary>
    internal static void Touch(string folder, long bytes)
    {
        byte[] some = new byte[WriteBytes];
        Random.Shared.NextBytes(some);
        string path = Path.Combine(folder, $"touched-{Guid.NewGuid():N}");
        using (FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (long at = 0; at < bytes; at += some.Length) file.Write(some);
            file.Flush(flushToDisk: true);
        }

        File.Delete(path);
    }
}
