using System.Globalization;

namespace Pipelines.Loads;

/// <summary>What the kernel tells of a process.</summary>
/// <param name="Id">The number of the process.</param>
internal readonly record struct ProcessFigures(int Id)
{
    private const double TicksPerSecond = 100;

    /// <summary>The CPU time that the process has used, user and system.</summary>
    internal double CpuSeconds
    {
        get
        {
            string text = File.ReadAllText($"/proc/{Id}/stat");
            // Behind the name, which is in parentheses and may hold anything; utime and stime are fields 14 and 15.
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>The memory that it holds.</summary>
    internal double ResidentMiB => MiB("VmRSS");

    /// <summary>The most memory that it has held.</summary>
    internal double PeakMiB => MiB("VmHWM");

    /// <summary>True once it has ended; a zombie has let go of folder and port.</summary>
    internal bool HasEnded => !Directory.Exists($"/proc/{Id}") || File.ReadAllText($"/proc/{Id}/stat").Contains(") Z ", StringComparison.Ordinal);

    private double MiB(string name)
    {
        string line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
