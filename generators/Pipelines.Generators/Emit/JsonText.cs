using System.Text;
using Pipelines.Generators.Wiring;

namespace Pipelines.Generators.Emit;

/// <summary>Writes indented JSON; the compiler's own process has no JSON library that can be counted on.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder text = new();
    private int depth;
    private bool isFirst = true;

    public JsonText Object(string? name = null) => Open(name, '{');

    public JsonText Array(string? name = null) => Open(name, '[');

    public JsonText EndObject() => Close('}');

    public JsonText EndArray() => Close(']');

    public JsonText Value(string name, string value) => Raw(name, Quote(value));

    public JsonText Value(string name, long value) => Raw(name, Naming.Number(value));

    public JsonText Value(string name, bool value) => Raw(name, value ? "true" : "false");

    public JsonText Values(string name, IEnumerable<string> values) => Raw(name, $"[{string.Join(", ", values.Select(Quote))}]");

    public JsonText Values(string name, IEnumerable<int> values) => Raw(name, $"[{string.Join(", ", values.Select(static value => Naming.Number(value)))}]");

    public override string ToString() => text.ToString();

    private JsonText Raw(string name, string value)
    {
        Begin(name);
        text.Append(value);
        isFirst = false;
        return this;
    }

    private JsonText Open(string? name, char bracket)
    {
        Begin(name);
        text.Append(bracket);
        depth++;
        isFirst = true;
        return this;
    }

    private JsonText Close(char bracket)
    {
        depth--;
        if (!isFirst) text.Append('\n').Append(' ', depth * 2);
        text.Append(bracket);
        isFirst = false;
        return this;
    }

    private void Begin(string? name)
    {
        if (!isFirst) text.Append(',');
        if (text.Length > 0) text.Append('\n').Append(' ', depth * 2);
        if (name is not null) text.Append(Quote(name)).Append(": ");
    }

    private static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (char letter in value)
        {
            switch (letter)
            {
                case '"': quoted.Append("\\\""); break;
                case '\\': quoted.Append("\\\\"); break;
                case < ' ' or > '~': quoted.Append("\\u").Append(((int)letter).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)); break;
                default: quoted.Append(letter); break;
            }
        }

        return quoted.Append('"').ToString();
    }
}
