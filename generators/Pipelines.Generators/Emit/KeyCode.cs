using Pipelines.Generators.Model;

namespace Pipelines.Generators.Emit;

/// <summary>Writes code that writes and reads keys.</summary>
internal static class KeyCode
{
    /// <summary>Code that appends the key made of <paramref name="members"/> to a buffer.</summary>
    public static void Write(SourceWriter source, RecordReference record, EquatableArray<KeyMember> members, string local, string target)
    {
        if (members.Equals(record.Key))
        {
            source.Line($"{Names.Codec(record)}.WriteKey(in {local}, {target});");
            return;
        }

        KeyEmitter.Write(source, [.. members.Select(static member => new CodedMember(member.Name, member.Shape, IsPositional: false, IsKey: true, IsEventTime: false))], local, target);
    }

    /// <summary>True for a key that is compared with a key's bytes without being written: one whole number.</summary>
    public static bool IsNumber(RecordReference record) => record.Key.Count == 1 && record.Key[0].Shape.WrittenAs is "int" or "uint" or "long" or "ulong";

    /// <summary>An expression that compares a key's bytes with that of a record, whose key is a number.</summary>
    public static string CompareNumber(RecordReference record, string local, string key) =>
        $"global::Pipelines.KeyCodec.Is({key}, {KeyEmitter.Plain(record.Key[0].Shape, $"{local}.{Wiring.Naming.Identifier(record.Key[0].Name)}")})";

    /// <summary>Code that reads a key into one local per member.</summary>
    /// <returns>The locals, by member.</returns>
    public static IReadOnlyList<string> Read(SourceWriter source, EquatableArray<KeyMember> members, string key)
    {
        var locals = members.Select(static (_, index) => "key" + CodecEmitter.Number(index)).ToList();
        for (int i = 0; i < members.Count; i++) source.Line($"{members[i].Shape.TypeName} {locals[i]};");
        if (members.Count == 1)
        {
            ReadOne(source, members[0].Shape, locals[0], key);
            return locals;
        }

        source.Line($"var reader = new global::Pipelines.MessagePackReader({key});");
        source.Line("reader.ReadArrayHeader();");
        var values = new ValueEmitter(source, isJson: false);
        for (int i = 0; i < members.Count; i++) values.Read(members[i].Shape, locals[i]);
        return locals;
    }

    private static void ReadOne(SourceWriter source, Shape shape, string local, string key)
    {
        Shape plain = shape.Kind == ShapeKind.Nullable ? shape.Element! : shape;
        string type = plain.Kind == ShapeKind.Enum ? plain.Underlying : plain.TypeName;
        if (shape.Kind == ShapeKind.Nullable && !CanBeEmpty(plain))
        {
            // Null is no bytes.
            source.Line($"{local} = null;");
            using (source.Block($"if ({key}.Length > 0)")) Value();
            return;
        }

        Value();

        void Value()
        {
            source.Line($"global::Pipelines.KeyCodec.Read({key}, out {type} {local}Value);");
            source.Line($"{local} = {(plain.Kind == ShapeKind.Enum ? $"({plain.TypeName})" : "")}{local}Value;");
        }
    }

    /// <summary>True for what is written as its bytes, of which there may be none.</summary>
    public static bool CanBeEmpty(Shape shape) => shape.DisplayName is "string" or "Pipelines.Text" or "byte[]";
}
