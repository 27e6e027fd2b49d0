using Pipelines.Generators.Model;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>Reads the fields of a structure, and the structures below them.</summary>
internal static class StructParser
{
    /// <summary>The outermost structure of a request, response or data; every structure below it is in its list of nested ones.</summary>
    public static StructModel ParsePart(List<SchemaLine> lines, ref int next, string name, VersionRange versions, int flexibleFrom)
    {
        var nested = new List<StructModel>();
        int first = next;
        EquatableArray<FieldModel> fields = ParseFields(lines, ref next, depth: 1, versions, flexibleFrom, nested);
        // A structure that several fields share is declared after the fields; it occurs wherever the whole does.
        while (next < lines.Count && lines[next].Depth == 1 && lines[next].Words[0] == "struct")
        {
            SchemaLine line = lines[next++];
            if (line.Words.Length < 2) throw new SchemaException(line.Number, "the structure has no name");
            VersionRange range = line.Words.Length > 2 ? VersionParser.Parse(line, line.Words[2], versions) : versions;
            nested.Add(new StructModel(line.Words[1], range, ParseFields(lines, ref next, depth: 2, range, flexibleFrom, nested), EquatableArray<StructModel>.Empty));
        }

        FieldRules.CheckPart(lines.GetRange(first, next - first), nested);
        return new StructModel(name, versions, fields, nested.ToEquatableArray());
    }

    private static EquatableArray<FieldModel> ParseFields(List<SchemaLine> lines, ref int next, int depth, VersionRange parent, int flexibleFrom, List<StructModel> nested)
    {
        var fields = new List<FieldModel>();
        while (next < lines.Count && lines[next].Depth == depth && lines[next].Words[0] != "struct")
        {
            SchemaLine line = lines[next++];
            FieldModel field = FieldParser.Parse(line, parent);
            FieldRules.Check(line, field, fields, flexibleFrom);
            if (next < lines.Count && lines[next].Depth == depth + 1)
                nested.Add(new StructModel(field.Type, field.Versions, ParseFields(lines, ref next, depth + 1, field.Versions, flexibleFrom, nested), EquatableArray<StructModel>.Empty));
            fields.Add(field);
        }

        if (next < lines.Count && lines[next].Depth > depth) throw new SchemaException(lines[next].Number, "the line is indented deeper than its parent allows");
        return fields.ToEquatableArray();
    }
}
