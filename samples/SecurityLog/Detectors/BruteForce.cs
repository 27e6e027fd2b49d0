using Pipelines;
using SecurityLog.Sshd;

namespace SecurityLog.Detectors;

/// <summary>An alert when more than three passwords from one address fail within a window of a minute.</summary>
[Detector("brute-force")]
public static partial class BruteForce
{
    private const long Allowed = 3;

    /// <summary>Sends failed passwords on, to be counted by address.</summary>
    public static void On(in SshdReport report, Emit<FailedPassword> failures)
    {
        if (report.Kind == SshdEventKind.FailedPassword) failures.Send(new(report.Address, report.Count, report.At));
    }

    /// <summary>Counts, and alerts when the count first exceeds what is allowed.</summary>
    [Tumbling("60s", Grace = "1d")]
    public static void Count(in FailedPassword failure, ref long failed, in Window window, Emit<Finding> alerts)
    {
        bool hadAlerted = failed > Allowed;
        failed += failure.Count;
        if (failed > Allowed && !hadAlerted) alerts.Send(new("brute-force", Host: null, User: null, failure.Address, Window: window.Start, Count: failed));
    }
}
