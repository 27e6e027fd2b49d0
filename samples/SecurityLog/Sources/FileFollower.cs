using System.Threading.Channels;

namespace SecurityLog.Sources;

/// <summary>Reads a file from where an earlier run ended, and follows it by its name: new lines, truncation, rotation by rename.</summary>
/// <param name="path">The file as it was named; it may be a symbolic link.</param>
/// <param name="first">The file that it names now.</param>
/// <param name="positionOf">Where earlier runs ended.</param>
/// <param name="warn">Told in one line when a file is read from its start though it was read before.</param>
/// <param name="lines">Gets the lines.</param>
internal sealed class FileFollower(string path, LineSource first, Func<string, SourcePosition> positionOf, Action<string> warn, ChannelWriter<LineBatch> lines) : IAsyncDisposable
{
    /// <summary>How often a followed file is looked at.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // Where this run stands in files that the path named before, say behind a link that was turned back.
    private readonly Dictionary<string, SourcePosition> left = new(StringComparer.Ordinal);
    private LineSource source = first;

    /// <summary>Reads to where the file ends now.</summary>
    /// <param name="endsLine">Whether that ends a last line without a line end.</param>
    /// <param name="stop">Ends it earlier.</param>
    internal async Task ReadToEndAsync(bool endsLine, CancellationToken stop)
    {
        await ResumeAsync(positionOf(source.Name), stop);
        await source.ReadAsync(lines, stop);
        if (endsLine) await source.EndAsync(lines);
    }

    /// <summary>Follows the file until it is told to stop.</summary>
    internal async Task FollowAsync(TimeProvider clock, CancellationToken stop)
    {
        if (source.File is null) return;
        bool wasReplaced = false;
        while (true)
        {
            await Task.Delay(Interval, clock, stop);
            if (!source.Has(source.Reached))
            {
                warn(Truncated);
                await source.EndAsync(lines);
                source.Resume(default);
            }

            bool isReplaced = FileSource.IsReplaced(path, source);
            bool isAny = await source.ReadAsync(lines, stop);
            // A writer may hold the renamed file a while yet: it is left when a round found nothing more in it.
            if (isReplaced && wasReplaced && !isAny) await SwitchAsync(stop);
            wasReplaced = isReplaced;
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private string Truncated => $"Input '{path}' is not the file that was read before, or was cut: it is read from its start.";

    private async Task ResumeAsync(SourcePosition saved, CancellationToken stop)
    {
        if (source.Has(saved))
        {
            source.Resume(saved);
            return;
        }

        if (source.File is not null && FileSource.FindRotated(source.Name, saved) is { } rotated)
        {
            warn($"Input '{path}' was rotated to '{rotated.Name}': its rest is read first.");
            await using var rest = new LineSource(source.Name, rotated);
            rest.Resume(saved);
            await rest.ReadAsync(lines, stop);
            await rest.EndAsync(lines);
        }
        else
        {
            warn(Truncated);
        }

        source.Resume(default);
    }

    private async Task SwitchAsync(CancellationToken stop)
    {
        LineSource next;
        try
        {
            next = FileSource.OpenLines(path);
        }
        catch (SourceException)
        {
            // Between two names: the next round sees.
            return;
        }

        await source.EndAsync(lines);
        left[source.Name] = source.Reached;
        await source.DisposeAsync();
        bool isSameName = next.Name == source.Name;
        source = next;
        if (isSameName) return;
        await ResumeAsync(left.TryGetValue(next.Name, out SourcePosition here) ? here : positionOf(next.Name), stop);
    }
}
