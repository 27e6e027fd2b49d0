using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using SecurityLog.Sources;

namespace SecurityLog.Tests;

/// <summary>A file followed by its name.</summary>
public sealed class FollowTests : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("security-log-").FullName;
    private readonly Channel<LineBatch> lines = Channel.CreateUnbounded<LineBatch>();
    private readonly FakeTimeProvider clock = new();
    private readonly CancellationTokenSource stop = new(TimeSpan.FromSeconds(60));
    private readonly List<string> warnings = [];
    private readonly Queue<string> read = new();
    private readonly Dictionary<string, SourcePosition> positions = [];
    private FileFollower? follower;
    private Task following = Task.CompletedTask;

    private string Log => Path.Combine(folder, "auth.log");

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task New_lines_are_read_when_they_are_whole()
    {
        File.WriteAllText(Log, "one\n");
        Follow(Log);
        Assert.Equal("one", await NextAsync());
        File.AppendAllText(Log, "two\nthr");
        Assert.Equal("two", await NextAsync());
        File.AppendAllText(Log, "ee\n");
        Assert.Equal("three", await NextAsync());
        Assert.Empty(warnings);
    }

    [Fact]
    public async Task A_truncated_file_is_read_from_its_start()
    {
        File.WriteAllText(Log, "one\ntwo\n");
        Follow(Log);
        Assert.Equal(["one", "two"], [await NextAsync(), await NextAsync()]);
        File.WriteAllText(Log, "new\n");
        Assert.Equal("new", await NextAsync());
        Assert.Contains("from its start", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_truncated_and_written_anew_beyond_where_it_was_is_read_from_its_start()
    {
        File.WriteAllText(Log, "one\ntwo\n");
        Follow(Log);
        Assert.Equal(["one", "two"], [await NextAsync(), await NextAsync()]);
        File.WriteAllText(Log, "three\nfour\nfive\n");
        Assert.Equal(["three", "four", "five"], [await NextAsync(), await NextAsync(), await NextAsync()]);
    }

    [Fact]
    public async Task Rotated_by_rename_the_rest_of_the_old_is_read_and_then_the_new_from_its_start()
    {
        File.WriteAllText(Log, "one\n");
        Follow(Log);
        Assert.Equal("one", await NextAsync());
        File.Move(Log, Log + ".1");
        File.AppendAllText(Log + ".1", "two\n");
        // Begins as the old one did, and is as long: only the file itself tells them apart.
        File.WriteAllText(Log, "one\ntwo\nthree\n");
        File.AppendAllText(Log + ".1", "last\n");
        Assert.Equal(["two", "last", "one", "two", "three"], [await NextAsync(), await NextAsync(), await NextAsync(), await NextAsync(), await NextAsync()]);
        File.AppendAllText(Log, "four\n");
        Assert.Equal("four", await NextAsync());
    }

    [Fact]
    public async Task A_link_that_is_turned_to_another_file_is_followed()
    {
        File.WriteAllText(Path.Combine(folder, "monday"), "one\n");
        File.WriteAllText(Path.Combine(folder, "tuesday"), "two\n");
        string link = Path.Combine(folder, "today");
        File.CreateSymbolicLink(link, "monday");
        Follow(link);
        Assert.Equal("one", await NextAsync());
        File.CreateSymbolicLink(link + ".new", "tuesday");
        File.Move(link + ".new", link, overwrite: true);
        Assert.Equal("two", await NextAsync());
        File.AppendAllText(Path.Combine(folder, "tuesday"), "three\n");
        Assert.Equal("three", await NextAsync());
    }

    [Fact]
    public async Task Rotated_while_nobody_looked_the_rest_is_read_first_all_the_same()
    {
        File.WriteAllText(Log, "one\n");
        Follow(Log);
        Assert.Equal("one", await NextAsync());
        await EndAsync();
        File.AppendAllText(Log, "two\n");
        File.Move(Log, Log + ".1");
        File.WriteAllText(Log, "three\nfour\n");
        Follow(Log);
        Assert.Equal(["two", "three", "four"], [await NextAsync(), await NextAsync(), await NextAsync()]);
        Assert.Contains("auth.log.1", Assert.Single(warnings), StringComparison.Ordinal);
    }

    private void Follow(string path)
    {
        follower = new FileFollower(path, FileSource.OpenLines(path), name => positions.GetValueOrDefault(name), warnings.Add, lines.Writer);
        following = RunAsync(follower);
    }

    private async Task RunAsync(FileFollower running)
    {
        await running.ReadToEndAsync(endsLine: false, stop.Token);
        await running.FollowAsync(clock, stop.Token);
    }

    private async Task<string> NextAsync()
    {
        while (read.Count == 0)
        {
            if (lines.Reader.TryRead(out LineBatch? batch))
            {
                foreach (ReadOnlyMemory<byte> line in batch.Lines) read.Enqueue(Encoding.UTF8.GetString(line.Span));
                positions[batch.Source] = batch.Position;
                continue;
            }

            if (following.IsCompleted) await following;
            stop.Token.ThrowIfCancellationRequested();
            clock.Advance(FileFollower.Interval);
            await Task.Yield();
        }

        return read.Dequeue();
    }

    private async Task EndAsync()
    {
        if (follower is null) return;
        // Its next look at the file fails, which ends it.
        await follower.DisposeAsync();
        while (!following.IsCompleted)
        {
            clock.Advance(FileFollower.Interval);
            await Task.Yield();
        }

        Assert.IsType<ObjectDisposedException>(following.Exception?.InnerException);
        follower = null;
    }
}
