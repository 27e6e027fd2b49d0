namespace SecurityLog.Sources;

/// <summary>The log that is built in.</summary>
internal static class SampleLog
{
    /// <summary>Its name, as a resource and as a source; no file has it, since files are named by their full path.</summary>
    internal const string Name = "sample.log";

    /// <summary>The year of its lines, whenever it is played.</summary>
    internal const int Year = 2025;
}
