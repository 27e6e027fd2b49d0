using Pipelines.Generators.Model;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>Reads the fields of a structure, and the structures below them.</summary>
internal static class StructParser
{
    /// <summary>The outermost structure of a request, response or data; every structure below it is in its list of nested ones.</summary>
    public static StructModel ParsePart(List<SchemaLine> lines, ref int next, string name, VersionRange versions)
    {
        var nested = new List<StructModel>();
        EquatableArray<FieldModel> fields = ParseFields(lines, ref next, depth: 1, versions, nested);
        // A structure that several fields share is declared after the fields; it occurs wherever the whole does.
        while (next < lines.Count && lines[next].Depth == 1 && lines[next].Words[0] == "struct")
        {
            SchemaLine line = lines[next++];
            VersionRange range = line.Words.Length > 2 ? VersionParser.Parse(line, line.Words[2], versions) : versions;
            nested.Add(new StructModel(line.Words[1], range, ParseFields(lines, ref next, depth: 2, range, nested), EquatableArray<StructModel>.Empty));
        }

        return new StructModel(name, versions, fields, nested.ToEquatableArray());
    }

    private static EquatableArray<FieldModel> ParseFields(List<SchemaLine> lines, ref int next, int depth, VersionRange parent, List<StructModel> nested)
    {
        var fields = new List<FieldModel>();
        while (next < lines.Count && lines[next].Depth == depth && lines[next].Words[0] != "struct")
        {
            FieldModel field = FieldParser.Parse(lines[next++], parent);
            if (next < lines.Count && lines[next].Depth == depth + 1)
                nested.Add(new StructModel(field.Type, field.Versions, ParseFields(lines, ref next, depth + 1, field.Versions, nested), EquatableArray<StructModel>.Empty));
            fields.Add(field);
        }

        if (next < lines.Count && lines[next].Depth > depth) throw new SchemaException(lines[next].Number, "the line is indented deeper than its parent allows");
        return fields.ToEquatableArray();
    }
}
