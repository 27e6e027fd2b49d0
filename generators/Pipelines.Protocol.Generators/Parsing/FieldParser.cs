using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>Reads one field: <c>NAME TYPE [VERSIONS] [tag N] [= DEFAULT] [ignorable] [key]</c>.</summary>
internal static class FieldParser
{
    private static readonly HashSet<string> Primitives =
        ["bool", "int8", "int16", "uint16", "int32", "uint32", "int64", "float64", "string", "uuid", "bytes", "records"];

    public static FieldModel Parse(SchemaLine line, VersionRange parent)
    {
        if (line.Words.Length < 2) throw new SchemaException(line.Number, $"field '{line.Text}' has no type");
        string type = line.Words[1];
        int rest = 2;
        VersionRange versions = parent;
        if (rest < line.Words.Length && char.IsDigit(line.Words[rest][0])) versions = VersionParser.Parse(line, line.Words[rest++], parent);
        VersionRange nullable = VersionRange.None;
        int mark = type.IndexOf('?');
        if (mark >= 0)
        {
            nullable = mark == type.Length - 1 ? versions : VersionParser.Parse(line, type.Substring(mark + 2, type.Length - mark - 3), versions);
            type = type.Substring(0, mark);
        }

        bool isArray = type.StartsWith("[]", StringComparison.Ordinal);
        if (isArray) type = type.Substring(2);
        var field = new FieldModel(line.Words[0], type, isArray, !Primitives.Contains(type), versions, nullable, -1, null, false, false);
        return ParseRest(line, rest, field);
    }

    private static FieldModel ParseRest(SchemaLine line, int rest, FieldModel field)
    {
        while (rest < line.Words.Length)
        {
            switch (line.Words[rest++])
            {
                case "ignorable": field = field with { IsIgnorable = true }; break;
                case "key": field = field with { IsKey = true }; break;
                case "=" when rest < line.Words.Length: field = field with { Default = line.Words[rest++] }; break;
                case "tag" when rest < line.Words.Length: field = field with { Tag = VersionParser.Number(line, line.Words[rest++]) }; break;
                default: throw new SchemaException(line.Number, $"'{line.Words[rest - 1]}' is not 'tag N', '= DEFAULT', 'ignorable' or 'key'");
            }
        }

        return field;
    }
}
