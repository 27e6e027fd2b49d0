using System.Text;

namespace Pipelines.Cli.Records;

/// <summary>Lines of text as keys and values.</summary>
/// <param name="reader">The text.</param>
/// <param name="separator">What stands between key and value; null when a line is a value.</param>
/// <param name="absent">The text that stands for a null value.</param>
internal sealed class RecordLines(TextReader reader, string? separator, string? absent)
{
    private Task<string?>? next;
    private long number;

    /// <summary>Whether the next line is there already.</summary>
    internal bool HasNext(CancellationToken stop)
    {
        next ??= reader.ReadLineAsync(stop).AsTask();
        return next.IsCompleted;
    }

    /// <summary>The next line, or null at the end.</summary>
    /// <exception cref="CommandException">It has no separator.</exception>
    internal async ValueTask<(byte[]? Key, byte[]? Value)?> NextAsync(CancellationToken stop)
    {
        next ??= reader.ReadLineAsync(stop).AsTask();
        // A terminal does not let go of a read; it is left behind.
        string? line = next.IsCompletedSuccessfully ? next.Result : await next.WaitAsync(stop);
        next = null;
        if (line is null) return null;
        number++;
        if (separator is null) return (null, Value(line));
        int at = line.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0) throw new CommandException($"Line {number} has no key: '{separator.Replace("\t", @"\t", StringComparison.Ordinal)}' is not in it. Correct the line or --key-separator.");
        return (Encoding.UTF8.GetBytes(line[..at]), Value(line[(at + separator.Length)..]));
    }

    private byte[]? Value(string text) => text == absent ? null : Encoding.UTF8.GetBytes(text);
}
