using System.Runtime.CompilerServices;

namespace Pipelines.Conformance.Programs;

/// <summary>Where this repository lies: client scripts are run from their source folder.</summary>
internal static class Repository
{
    private static readonly string Root = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Here())!, "..", "..", ".."));

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static string Client(params string[] parts) => Path(["tests", "Pipelines.Conformance", "Clients", .. parts]);

    private static string Here([CallerFilePath] string file = "") => file;
}
