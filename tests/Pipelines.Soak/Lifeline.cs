namespace Pipelines.Soak;

/// <summary>Ends a child when whoever started it is gone, however that ended: its standard input is a pipe that the parent holds.</summary>
internal static class Lifeline
{
    private const int Orphaned = 3;

    internal static void Hold()
    {
        var waiting = new Thread(static () =>
        {
            while (Console.OpenStandardInput().ReadByte() >= 0)
            {
                // Nobody writes to it.
            }

            Environment.Exit(Orphaned);
        }) { IsBackground = true, Name = "lifeline" };
        waiting.Start();
    }
}
