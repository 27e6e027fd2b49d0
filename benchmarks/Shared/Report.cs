using System.Globalization;

namespace Pipelines.Loads;

/// <summary>Rows of figures, a column for each broker and the ratio of the first two that are to be compared.</summary>
internal sealed class Report(IReadOnlyList<string> brokers)
{
    private readonly List<(string Load, string Unit)> rows = [];
    private readonly Dictionary<(string Load, string Unit, string Broker), double> figures = [];

    internal void Add(string load, string unit, string broker, double value)
    {
        if (!rows.Contains((load, unit))) rows.Add((load, unit));
        figures[(load, unit, broker)] = value;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load}, {broker}: {value:G3} {unit}"));
    }

    internal void Print()
    {
        string other = brokers.LastOrDefault(static name => name == "Kafka") ?? brokers[^1];
        Console.WriteLine($"| load | | {string.Join(" | ", brokers)} | {brokers[0]} / {other} |");
        Console.WriteLine($"|---|---|{string.Concat(brokers.Select(static _ => "---|"))}---|");
        foreach ((string load, string unit) in rows)
        {
            double ours = figures.GetValueOrDefault((load, unit, brokers[0]), double.NaN);
            double theirs = figures.GetValueOrDefault((load, unit, other), double.NaN);
            Console.WriteLine($"| {load} | {unit} | {string.Join(" | ", brokers.Select(broker => Text(figures.GetValueOrDefault((load, unit, broker), double.NaN))))} | {(double.IsNaN(ours / theirs) ? "" : Text(ours / theirs) + "x")} |");
        }
    }

    private static string Text(double value) =>
        double.IsNaN(value) ? "" : Math.Abs(value) >= 100 ? value.ToString("F0", CultureInfo.InvariantCulture) : value.ToString("G3", CultureInfo.InvariantCulture);
}
