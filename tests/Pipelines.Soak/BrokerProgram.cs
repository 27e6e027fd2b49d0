namespace Pipelines.Soak;

/// <summary>The shipped program that runs a broker.</summary>
internal static class BrokerProgram
{
    /// <summary>Where it lies: it was built together with this program, in the same configuration.</summary>
    internal static string Path
    {
        get
        {
            string here = AppContext.BaseDirectory.TrimEnd('/');
            string root = here[..here.LastIndexOf("/tests/", StringComparison.Ordinal)];
            return $"{root}/src/Pipelines.Cli/{here[(here.LastIndexOf("/bin/", StringComparison.Ordinal) + 1)..]}/Pipelines.Cli.dll";
        }
    }
}
