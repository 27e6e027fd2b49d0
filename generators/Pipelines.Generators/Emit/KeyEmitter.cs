using Pipelines.Generators.Model;

namespace Pipelines.Generators.Emit;

/// <summary>Writes the statements that write the key of a record.</summary>
internal static class KeyEmitter
{
    /// <summary>Appends the key of <paramref name="record"/> to <paramref name="target"/>: one member as Kafka's serializers write it, several as a MessagePack array.</summary>
    public static void Write(SourceWriter source, IReadOnlyList<CodedMember> members, string record, string target)
    {
        if (members.Count == 1)
        {
            Shape shape = members[0].Shape;
            if (shape.Kind == ShapeKind.Nullable)
            {
                using (source.Block($"if ({record}.{members[0].Identifier} is {{ }} member)")) source.Line($"global::Pipelines.KeyCodec.Write({target}, {Plain(shape.Element!, "member")});");
                return;
            }

            source.Line($"global::Pipelines.KeyCodec.Write({target}, {Plain(shape, $"{record}.{members[0].Identifier}")});");
            return;
        }

        source.Line($"global::Pipelines.MessagePackWriter.WriteArrayHeader({target}, {members.Count});");
        var values = new ValueEmitter(source, isJson: false);
        foreach (CodedMember member in members) values.Write(member.Shape, Canonical(member.Shape, $"{record}.{member.Identifier}"));
    }

    /// <summary>Decimals and times have several forms of one value, but a key is compared by its bytes.</summary>
    private static string Canonical(Shape shape, string value) =>
        (shape.Element ?? shape).DisplayName is "decimal" or "System.DateTimeOffset" ? $"global::Pipelines.KeyCodec.Canonical({value})" : value;

    /// <summary>The value as the number that an enum is, or as it is.</summary>
    public static string Plain(Shape shape, string value) => shape.Kind == ShapeKind.Enum ? $"({shape.Underlying}){value}" : value;
}
