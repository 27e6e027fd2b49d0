using System.Diagnostics;
using System.Globalization;

namespace Pipelines.Soak;

/// <summary>Signals to processes.</summary>
internal static class Signal
{
    /// <summary>Sends a signal by its name, such as TERM, to a process that may have ended.</summary>
    internal static async Task SendAsync(int process, string signal)
    {
        using Process kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync();
    }
}
