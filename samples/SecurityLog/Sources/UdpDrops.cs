using System.Globalization;
using System.Net.Sockets;

namespace SecurityLog.Sources;

/// <summary>Counts the datagrams that the system dropped because a socket's buffer was full.</summary>
/// <remarks>Source: proc(5), <c>/proc/net/udp</c>: the tenth column is the socket's inode and the last one its drops. Only Linux tells.</remarks>
internal sealed class UdpDrops
{
    private const int InodeColumn = 9;
    private readonly string table;
    private readonly string inode;

    private UdpDrops(string table, string inode)
    {
        this.table = table;
        this.inode = inode;
    }

    /// <summary>Finds the socket in the system's table; null where there is none.</summary>
    internal static UdpDrops? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return null;
        string? name = new FileInfo($"/proc/self/fd/{socket.Handle}").LinkTarget;
        return name is not null && name.StartsWith("socket:[", StringComparison.Ordinal)
            ? new UdpDrops(socket.AddressFamily == AddressFamily.InterNetworkV6 ? "/proc/net/udp6" : "/proc/net/udp", name["socket:[".Length..^1])
            : null;
    }

    /// <summary>The drops since the socket was opened; null when the system does not tell.</summary>
    internal long? Read()
    {
        try
        {
            foreach (string line in File.ReadLines(table))
            {
                string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (columns.Length > InodeColumn + 1 && columns[InodeColumn] == inode && long.TryParse(columns[^1], NumberStyles.None, CultureInfo.InvariantCulture, out long drops)) return drops;
            }
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
        }

        return null;
    }
}
