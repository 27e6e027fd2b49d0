using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>The files, standard input and sample that a run reads: one after the other to their ends, and files on from there when they are to be followed.</summary>
internal sealed class Inputs(ChannelWriter<LineBatch> lines) : IAsyncDisposable
{
    private readonly List<(string Path, LineSource Source)> sources = [];
    private readonly List<FileFollower> followers = [];

    /// <summary>Opens what is asked for, so that what is wrong is known before anything starts.</summary>
    /// <exception cref="SourceException">An input cannot be read, or two of them are the same.</exception>
    internal static Inputs Open(SecurityLogOptions options, ChannelWriter<LineBatch> lines)
    {
        var inputs = new Inputs(lines);
        if (options.PlaysSample) inputs.sources.Add(("", new LineSource(SampleLog.Name, typeof(Inputs).Assembly.GetManifestResourceStream(SampleLog.Name)!)));
        var seen = new Dictionary<string, string>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (string input in options.Inputs)
        {
            LineSource source = input == "-" ? new LineSource("", Console.OpenStandardInput()) : FileSource.OpenLines(input);
            inputs.sources.Add((input, source));
            string identity = source.Name.Length == 0 ? input : source.Name;
            if (!seen.TryAdd(identity, input)) throw new SourceException($"Inputs '{seen[identity]}' and '{input}' are the same; name it once.");
        }

        return inputs;
    }

    /// <summary>Reads all inputs to their ends; files are then followed when asked for.</summary>
    internal async Task RunAsync(Func<string, SourcePosition> positionOf, Action<string> warn, bool follows, TimeProvider clock, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var going = new List<Task>();
        foreach ((string path, LineSource source) in sources)
        {
            var follower = new FileFollower(path, source, positionOf, warn, lines);
            followers.Add(follower);
            bool isFollowed = follows && source.File is not null;
            Task reading = follower.ReadToEndAsync(endsLine: !isFollowed, failed.Token);
            // A pipe or a person at a terminal may never end, and others shall not wait for that.
            if (follows && path.Length > 0 && !isFollowed) going.Add(GuardAsync(reading, failed));
            else await reading;
            if (isFollowed) going.Add(GuardAsync(follower.FollowAsync(clock, failed.Token), failed));
        }

        await Task.WhenAll(going);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (FileFollower follower in followers) await follower.DisposeAsync();
        foreach ((_, LineSource source) in sources) await source.DisposeAsync();
    }

    /// <summary>One that fails ends the others, so that the failure is seen.</summary>
    private static async Task GuardAsync(Task reading, CancellationTokenSource failed)
    {
        try
        {
            await reading;
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }
}
