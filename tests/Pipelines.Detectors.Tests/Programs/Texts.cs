namespace Pipelines.Detectors.Tests.Programs;

[Topic("text-input", Format = Format.Text)] public readonly partial record struct Line(string Text);
[Topic("text-output", Format = Format.Text)] public readonly partial record struct Shout(string Text);

/// <summary>Keeps lines with an 'a', upper-cased.</summary>
[Detector("text-transformer")]
public static partial class TextTransformer
{
    public static void On(in Line line, Emit<Shout> shouts)
    {
        if (line.Text.Contains('a', StringComparison.Ordinal)) shouts.Send(new(line.Text.ToUpperInvariant()));
    }
}

public readonly partial record struct Word([Key] string Text);
[Table("word-totals")] public readonly partial record struct WordTotal([Key] string Text, long Count);

/// <summary>Counts words: a wire that changes the key.</summary>
[Detector("word-count")]
public static partial class WordCount
{
    public static void Split(in Line line, Emit<Word> words)
    {
        foreach (string text in line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) words.Send(new(text));
    }

    public static void Count(in Word word, ref long count, Emit<WordTotal> totals) => totals.Send(new(word.Text, ++count));
}
