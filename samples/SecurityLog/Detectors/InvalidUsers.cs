using Pipelines;
using SecurityLog.Sshd;

namespace SecurityLog.Detectors;

/// <summary>An alert for every request for a user that does not exist.</summary>
[Detector("invalid-users")]
public static partial class InvalidUsers
{
    /// <summary>One alert per request, also when syslog folded repeated ones into one line.</summary>
    public static void On(in SshdReport report, Emit<Finding> alerts)
    {
        if (report.Kind != SshdEventKind.InvalidUser) return;
        for (int i = 0; i < report.Count; i++) alerts.Send(new("invalid-users", report.Host, report.User, report.Address, report.At));
    }
}
