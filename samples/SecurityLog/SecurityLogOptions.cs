using System.Net;
using SecurityLog.Sources;

namespace SecurityLog;

/// <summary>What the command line asks for.</summary>
/// <param name="Inputs">Files to read; <c>-</c> for standard input.</param>
/// <param name="Listen">Where to listen for syslog, or null.</param>
/// <param name="Year">The year of lines that name none.</param>
/// <param name="Exit">True to end when the inputs are drained and committed.</param>
/// <param name="DataFolder">Where the log is kept.</param>
/// <param name="PlaysSample">True when nothing was asked for: the built-in sample is played.</param>
/// <param name="Connections">What TCP senders may take.</param>
/// <param name="Topic">A topic to which other clients write raw lines, or null.</param>
/// <param name="IsYearGiven">True when the year was asked for.</param>
/// <param name="Serve">Where Kafka clients reach the embedded broker's log, or null.</param>
/// <param name="Broker">The Kafka cluster that has the log, or null for the embedded broker.</param>
internal sealed record SecurityLogOptions(
    IReadOnlyList<string> Inputs,
    IPEndPoint? Listen,
    int Year,
    bool Exit,
    string DataFolder,
    bool PlaysSample,
    ConnectionLimits Connections,
    string? Topic = null,
    bool IsYearGiven = false,
    string? Serve = null,
    string? Broker = null);
