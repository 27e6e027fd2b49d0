namespace Pipelines.Protocol.Generators.Parsing;

/// <summary>A line of a schema file: its depth and its words.</summary>
internal sealed record SchemaLine(int Number, int Depth, string[] Words, string Text)
{
    public static List<SchemaLine> Split(string text)
    {
        var lines = new List<SchemaLine>();
        string[] all = text.Replace("\r\n", "\n").Split('\n');
        for (int number = 0; number < all.Length; number++)
        {
            string line = all[number];
            if (line.Trim().Length == 0) continue;
            int spaces = line.Length - line.TrimStart(' ').Length;
            if (spaces % 2 != 0) throw new SchemaException(number, "a line is indented by two spaces for each level");
            lines.Add(new SchemaLine(number, spaces / 2, line.Split([' '], StringSplitOptions.RemoveEmptyEntries), line.Trim()));
        }

        return lines;
    }
}
