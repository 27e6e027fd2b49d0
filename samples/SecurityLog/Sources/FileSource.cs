namespace SecurityLog.Sources;

/// <summary>Opens files, and finds out which file a path names.</summary>
internal static class FileSource
{
    private const int MaxLinks = 40;

    /// <summary>Opens a file for reading, whoever else writes, renames or removes it.</summary>
    /// <exception cref="SourceException">It is missing, a folder, or may not be read.</exception>
    internal static FileStream Open(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new SourceException($"Input '{path}' is a folder; name a file.");
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(denied is FileNotFoundException or DirectoryNotFoundException
                ? $"Input '{path}' does not exist; check the name."
                : $"Input '{path}' cannot be read: {denied.Message}");
        }
    }

    /// <summary>Opens a file as a source that is named by its real path.</summary>
    internal static LineSource OpenLines(string path)
    {
        FileStream file = Open(path);
        return new LineSource(file.CanSeek ? RealPath(path) : "", file);
    }

    /// <summary>Whether a path names another file than the open one by now. A path that names none does not.</summary>
    internal static bool IsReplaced(string path, LineSource open)
    {
        if (open.File is not { } file || !File.Exists(path)) return false;
        try
        {
            using FileStream fresh = Open(path);
            if (IdentityOf(file) is { } was && IdentityOf(fresh) is { } now) return was != now;
            return !open.Reached.IsIn(fresh);
        }
        catch (Exception gone) when (gone is SourceException or IOException)
        {
            return false;
        }
    }

    /// <summary>The file of that folder that was renamed from a path, as log rotation does, and was read up to a position; null when there is none.</summary>
    internal static FileStream? FindRotated(string path, SourcePosition position)
    {
        if (position.HeadBytes == 0) return null;
        string folder = Path.GetDirectoryName(path)!;
        foreach (string candidate in Directory.EnumerateFiles(folder, Path.GetFileName(path) + "*").Where(candidate => candidate != path).Order(StringComparer.Ordinal))
        {
            FileStream? file = null;
            try
            {
                file = Open(candidate);
                if (position.IsIn(file)) return file;
            }
            catch (Exception denied) when (denied is SourceException or IOException)
            {
            }

            file?.Dispose();
        }

        return null;
    }

    /// <summary>The full path behind all symbolic links, so that one file has one name.</summary>
    internal static string RealPath(string path) => RealPath(Path.GetFullPath(path), MaxLinks);

    private static string RealPath(string path, int links)
    {
        string folder = Path.GetDirectoryName(path) is { } parent ? RealPath(parent, links) : path;
        if (folder == path) return path;
        string real = Path.Combine(folder, Path.GetFileName(path));
        return links > 0 && new FileInfo(real).LinkTarget is { } target ? RealPath(Path.GetFullPath(target, folder), links - 1) : real;
    }

    /// <summary>On Linux the name by which the kernel knows an open file now: it follows renames. Null elsewhere.</summary>
    private static string? IdentityOf(FileStream file) =>
        OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget : null;
}

/// <summary>A source cannot be used; the message is for the person at the terminal.</summary>
internal sealed class SourceException(string message) : Exception(message);
