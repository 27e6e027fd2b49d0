using Pipelines.Generators.Model;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>Reads a schema file. Its form is described in <c>src/Pipelines.Protocol/Messages/README.md</c>.</summary>
internal sealed class MessageParser
{
    private static readonly VersionRange Any = new(0, short.MaxValue);
    private readonly List<SchemaLine> lines;
    private int next;
    private string about = "";
    private string name = "";
    private int key = -1;
    private VersionRange versions = VersionRange.None;
    private VersionRange served = VersionRange.None;
    private VersionRange advertised = VersionRange.None;
    private int flexibleFrom = short.MaxValue;

    private MessageParser(List<SchemaLine> lines) => this.lines = lines;

    public static MessageModel Parse(string text) => new MessageParser(SchemaLine.Split(text)).Parse();

    private MessageModel Parse()
    {
        ParseHead();
        var parts = new List<StructModel>();
        while (next < lines.Count)
        {
            SchemaLine line = lines[next++];
            string suffix = line.Text switch
            {
                "request" => "Request",
                "response" => "Response",
                "fields" => "",
                _ => throw new SchemaException(line.Number, $"'{line.Text}' is not 'request', 'response' or 'fields'"),
            };
            parts.Add(StructParser.ParsePart(lines, ref next, name + suffix, versions));
        }

        if (parts.Count != (key < 0 ? 1 : 2)) throw new SchemaException(0, "an api has a request and a response, data has 'fields'");
        return new MessageModel(name, key, about, versions, flexibleFrom, served, advertised.IsEmpty ? served : advertised, parts.ToEquatableArray());
    }

    private void ParseHead()
    {
        for (; next < lines.Count && lines[next].Text is not ("request" or "response" or "fields"); next++)
        {
            SchemaLine line = lines[next];
            string value = line.Words.Length > 1 ? line.Words[1] : "";
            switch (line.Words[0])
            {
                case "#": about = about.Length == 0 ? line.Text.Substring(2) : about; break;
                case "api" when line.Words.Length == 3: (key, name) = (VersionParser.Number(line, value), line.Words[2]); break;
                case "data": name = value; break;
                case "versions": versions = VersionParser.Parse(line, value, Any); break;
                case "flexible": flexibleFrom = VersionParser.Parse(line, value, Any).First; break;
                case "served": served = VersionParser.Parse(line, value, versions); break;
                case "advertised": advertised = VersionParser.Parse(line, value, Any); break;
                default: throw new SchemaException(line.Number, $"'{line.Text}' is not a line of a schema's head");
            }
        }

        if (name.Length == 0) throw new SchemaException(0, "the schema has no 'api KEY NAME' or 'data NAME' line");
        if (versions.IsEmpty) throw new SchemaException(0, "the schema has no 'versions' line");
    }
}
