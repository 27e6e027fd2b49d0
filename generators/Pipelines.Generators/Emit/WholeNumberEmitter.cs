using Pipelines.Generators.Model;

namespace Pipelines.Generators.Emit;

/// <summary>Writes how several whole numbers that follow each other are read from MessagePack: in one go.</summary>
internal static class WholeNumberEmitter
{
    /// <summary>The number of members from <paramref name="start"/> on that are whole numbers; 0 when there are not two.</summary>
    public static int Run(EquatableArray<CodedMember> members, int start)
    {
        int end = start;
        while (end < members.Count && TypeOf(members[end].Shape) is not null) end++;
        return end - start > 1 ? end - start : 0;
    }

    /// <summary>Reads the members into their locals.</summary>
    /// <returns>The condition under which they are to be read one by one: some are missing, or something else than a number is there.</returns>
    public static string Read(SourceWriter source, EquatableArray<CodedMember> members, int start, int count)
    {
        string numbers = "numbers" + CodecEmitter.Number(start);
        source.Line($"global::Pipelines.WholeNumbers {numbers} = reader.BeginWholeNumbers();");
        using (source.Block($"if (count >= {CodecEmitter.Number(start + count)})"))
        {
            for (int i = start; i < start + count; i++)
            {
                string type = TypeOf(members[i].Shape)!;
                string cast = members[i].Shape.TypeName == "long" ? "" : $"({members[i].Shape.TypeName})";
                source.Line($"{CodecEmitter.Local(i)} = {cast}{numbers}.Read({type}.MinValue, {type}.MaxValue);");
            }
        }

        return $"count < {CodecEmitter.Number(start + count)} || !reader.EndWholeNumbers(in {numbers})";
    }

    /// <summary>The whole number that a shape is written as, when it fits a long; null for all else.</summary>
    private static string? TypeOf(Shape shape) =>
        shape.WrittenAs is "sbyte" or "byte" or "short" or "ushort" or "int" or "uint" or "long" ? shape.WrittenAs : null;
}
