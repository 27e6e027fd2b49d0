using System.CommandLine;
using System.Globalization;
using System.Text;
using Pipelines.Cli.Arguments;
using Pipelines.Cli.Cluster;
using Pipelines.Cli.Output;
using Pipelines.Cli.Records;
using Pipelines.Protocol.Records;

namespace Pipelines.Cli.Commands;

/// <summary><c>pipelines produce</c>: a record for each line.</summary>
internal static class ProduceCommand
{
    internal static Command Create(CommandHost host)
    {
        var topic = new Argument<string>("topic") { Description = "The topic to write to." };
        var file = new Option<FileInfo?>("--file") { Description = "Read lines from a file, not from the input." };
        var separator = new Option<string?>("--key-separator") { Description = "What stands between key and value in a line; \\t is a tab. Without it a line is a value.", HelpName = "TEXT" };
        var header = new Option<string[]>("--header") { Description = "A header for every record. May be repeated.", HelpName = "NAME=VALUE" };
        var partition = new Option<int?>("--partition") { Description = "The partition to write to. Without it the key decides; records without a key take turns.", HelpName = "N" };
        var absent = new Option<string?>("--null") { Description = "A value of this text is null, which deletes the key of a compacted topic.", HelpName = "TEXT" };
        var transactionalId = new Option<string?>("--transactional-id") { Description = "Write all in one transaction, which is aborted when something goes wrong.", HelpName = "ID" };
        var command = new Command("produce", "Writes a record for each line of the input.") { topic, file, separator, header, partition, absent, transactionalId };
        return host.Complete(
            command,
            async (parsed, session) =>
            {
                string? between = parsed.GetValue(separator)?.Replace(@"\t", "\t", StringComparison.Ordinal);
                if (between is "") throw new UsageException("The key separator is empty. Write --key-separator with at least one character.");
                RecordHeader[] headers = [.. NamedValues.Parse(parsed.GetValue(header), "--header").Select(static one => new RecordHeader(Encoding.UTF8.GetBytes(one.Name), Encoding.UTF8.GetBytes(one.Value)))];
                using StreamReader? opened = parsed.GetValue(file)?.OpenText();
                var lines = new RecordLines(opened ?? session.Terminal.In, between, parsed.GetValue(absent));
                await ProduceAsync(session, parsed.GetValue(topic)!, lines, headers, parsed.GetValue(partition), parsed.GetValue(transactionalId));
            },
            "echo hello | pipelines produce greetings",
            "pipelines produce accounts --file accounts.tsv --key-separator '\\t' --header source=import",
            "pipelines produce orders --transactional-id import-7 < orders.txt");
    }

    private static async Task ProduceAsync(Session interruptible, string topic, RecordLines lines, RecordHeader[] headers, int? partition, string? transactionalId)
    {
        TopicView topics = await TopicView.OfAsync(interruptible, [topic]);
        if (partition is { } wanted) topics.LeaderOf(new(topic, wanted));
        // Ctrl-C ends the input; what was read is still sent, or aborted.
        Session session = interruptible.Uninterrupted();
        ProducerId id = await ProducerId.InitAsync(session, transactionalId);
        var producer = new RecordProducer(session, topics, topic, id, partition);
        var progress = new Progress(session.Terminal);
        bool isWhole;
        try
        {
            await CopyAsync(interruptible, lines, headers, producer, progress);
            isWhole = !interruptible.Stop.IsCancellationRequested;
            if (isWhole || transactionalId is null) await producer.FlushAsync();
            await id.EndAsync(session, isCommit: isWhole);
        }
        catch (Exception) when (transactionalId is not null)
        {
            await AbortAsync(id, session);
            throw;
        }
        finally
        {
            progress.Finish(producer.Acknowledged);
        }

        if (!isWhole && transactionalId is not null) throw new CommandException("Interrupted; the transaction was aborted, and nothing of it will be read.");
    }

    private static async Task CopyAsync(Session interruptible, RecordLines lines, RecordHeader[] headers, RecordProducer producer, Progress progress)
    {
        try
        {
            while (true)
            {
                // Somebody types, or a pipe is slow: what is there goes out before more is waited for.
                if (!lines.HasNext(interruptible.Stop)) await producer.SendAsync();
                if (await lines.NextAsync(interruptible.Stop) is not { } line) return;
                await producer.AddAsync(line.Key, line.Value, headers, interruptible.Now.ToUnixTimeMilliseconds());
                progress.Show(producer.Acknowledged);
            }
        }
        catch (OperationCanceledException) when (interruptible.Stop.IsCancellationRequested)
        {
            // The end of the input.
        }
    }

    private static async Task AbortAsync(ProducerId id, Session session)
    {
        try
        {
            await id.EndAsync(session, isCommit: false);
        }
        catch (CommandException)
        {
            // The broker does not know of it, or has aborted it already: why is said by what went wrong first.
        }
        catch (Protocol.Client.BrokerConnectionException)
        {
            await session.Terminal.Error.WriteLineAsync($"The transaction '{id.TransactionalId}' could not be aborted; the broker does it within a minute.");
        }
    }

    /// <summary>How many and how fast, for somebody who waits.</summary>
    private sealed class Progress(Terminal terminal)
    {
        private readonly long began = terminal.Time.GetTimestamp();
        private long shown = terminal.Time.GetTimestamp();
        private int calls;

        internal void Show(long count)
        {
            if (!terminal.ShowsProgress || (++calls & 0xFF) != 0 || terminal.Time.GetElapsedTime(shown) < TimeSpan.FromSeconds(1)) return;
            shown = terminal.Time.GetTimestamp();
            terminal.Error.Write($"\r{Line(count)}");
        }

        internal void Finish(long count)
        {
            if (terminal.ShowsProgress) terminal.Error.WriteLine($"\r{Line(count)}");
        }

        private string Line(long count)
        {
            double seconds = Math.Max(0.001, terminal.Time.GetElapsedTime(began).TotalSeconds);
            return $"{Plural.Of(count, "record")}, {(count / seconds).ToString("0", CultureInfo.InvariantCulture)}/s ";
        }
    }
}
