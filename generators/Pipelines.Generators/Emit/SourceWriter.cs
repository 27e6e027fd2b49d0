using System.Text;

namespace Pipelines.Generators.Emit;

/// <summary>Writes C# with indentation, '\n' endings and no culture.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>An empty line.</summary>
    public void Line() => text.Append('\n');

    /// <summary>A line at the current depth.</summary>
    public void Line(string line)
    {
        text.Append(' ', depth * 4).Append(line).Append('\n');
    }

    /// <summary>A header, if any, and a brace; disposing closes it.</summary>
    public Scope Block(string header, string close = "}")
    {
        if (header.Length > 0) Line(header);
        Line("{");
        depth++;
        return new Scope(this, close);
    }

    /// <summary>Deeper lines without braces.</summary>
    public Scope Indent()
    {
        depth++;
        return new Scope(this, close: null);
    }

    public override string ToString() => text.ToString();

    /// <summary>What is open until disposed.</summary>
    internal readonly struct Scope(SourceWriter writer, string? close) : IDisposable
    {
        public void Dispose()
        {
            writer.depth--;
            if (close is not null) writer.Line(close);
        }
    }
}
