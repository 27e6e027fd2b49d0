using System.Globalization;
using System.Text.Json;

namespace Pipelines.Cli.Output;

/// <summary>Rows with named columns: a table with aligned columns, or JSON with one object a line.</summary>
/// <remarks>A table is written when it is complete, since widths are known only then; JSON at once. Nulls are '-' in a table, and left out of JSON.</remarks>
/// <param name="output">Where it is written.</param>
/// <param name="isJson">JSON, not a table.</param>
/// <param name="columns">Names in camelCase, as JSON has them; a table shows <c>endOffset</c> as END OFFSET.</param>
internal sealed class Report(TextWriter output, bool isJson, params string[] columns)
{
    private readonly List<object?[]> rows = [];

    /// <summary>The number of rows.</summary>
    internal int Count { get; private set; }

    /// <summary>Adds a row: strings, numbers, booleans, times, durations, and lists of strings.</summary>
    internal void Add(params object?[] cells)
    {
        Count++;
        if (isJson) WriteJson(cells);
        else rows.Add(cells);
    }

    /// <summary>Writes what is left to be written.</summary>
    /// <param name="none">What a person is told where there is no row.</param>
    internal void Finish(string none = "")
    {
        if (isJson) return;
        if (rows.Count == 0)
        {
            if (none.Length > 0) output.WriteLine(none);
            return;
        }

        string[] titles = [.. columns.Select(Title)];
        List<string[]> texts = [.. rows.Select(static row => row.Select(Text).ToArray())];
        int[] widths = [.. titles.Select((title, i) => texts.Max(row => row[i].Length) is var most && most > title.Length ? most : title.Length)];
        bool[] isRight = [.. columns.Select((_, i) => rows.All(row => row[i] is null or int or long or short or TimeSpan))];
        WriteLine(titles, widths, isRight);
        foreach (string[] row in texts) WriteLine(row, widths, isRight);
    }

    private static string Title(string column) => string.Concat(column.Select(static c => char.IsAsciiLetterUpper(c) ? $" {c}" : char.ToUpperInvariant(c).ToString()));

    private static string Text(object? cell) => cell switch
    {
        null => "-",
        bool flag => flag ? "yes" : "no",
        TimeSpan duration => Durations.Format(duration),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        IEnumerable<string> list => string.Join(',', list) is { Length: > 0 } text ? text : "-",
        _ => Convert.ToString(cell, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "-",
    };

    private void WriteLine(string[] cells, int[] widths, bool[] isRight)
    {
        var padded = cells.Select((cell, i) => isRight[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
        output.WriteLine(string.Join("  ", padded).TrimEnd());
    }

    private void WriteJson(object?[] cells) => output.WriteLine(JsonLine.Of(json =>
    {
        for (int i = 0; i < columns.Length; i++) WriteCell(json, columns[i], cells[i]);
    }));

    private static void WriteCell(Utf8JsonWriter json, string name, object? cell)
    {
        switch (cell)
        {
            case null: break;
            case bool flag: json.WriteBoolean(name, flag); break;
            case TimeSpan duration: json.WriteNumber(name + "Ms", (long)duration.TotalMilliseconds); break;
            case short or int or long: json.WriteNumber(name, Convert.ToInt64(cell, CultureInfo.InvariantCulture)); break;
            case IEnumerable<string> list:
                json.WriteStartArray(name);
                foreach (string text in list) json.WriteStringValue(text);
                json.WriteEndArray();
                break;
            case string text: json.WriteString(name, text); break;
            default: json.WriteString(name, Text(cell)); break;
        }
    }
}
