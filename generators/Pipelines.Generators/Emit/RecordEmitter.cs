using Pipelines.Generators.Model;

namespace Pipelines.Generators.Emit;

/// <summary>Writes what makes a struct a record: schema, key, value and event time.</summary>
internal static class RecordEmitter
{
    public static void Emit(SourceWriter source, CodedType type)
    {
        List<CodedMember> keys = [.. type.Members.Where(static member => member.IsKey)];
        EmitSchema(source, type);
        CodecEmitter.Hide(source, "True when at least one member is a key.");
        source.Line($"{Head(type, "bool", "HasKey")} => {(keys.Count > 0 ? "true" : "false")};");
        source.Line();
        CodecEmitter.Hide(source, "Appends the key's bytes.");
        using (source.Block($"{Head(type, "void", "WriteKey")}(in {type.TypeName} record, global::Pipelines.EncodeBuffer target)"))
        {
            if (keys.Count > 0) KeyEmitter.Write(source, keys, "record", "target");
        }

        source.Line();
        EmitValue(source, type);
        EmitRead(source, type);
        EmitEventTime(source, type);
    }

    /// <summary>The start of a member of the contract: where the user has taken its name, it is reached through the interface only.</summary>
    private static string Head(CodedType type, string returns, string name) =>
        type.Taken.Contains(name) ? $"static {returns} global::Pipelines.IRecord<{type.TypeName}>.{name}" : $"public static {returns} {name}";

    private static string SchemaOf(CodedType type) => type.Taken.Contains("Schema") ? $"global::Pipelines.RecordCodec<{type.TypeName}>.Schema" : "Schema";

    private static void EmitSchema(SourceWriter source, CodedType type)
    {
        CodecEmitter.Hide(source, "The record type as data.");
        source.Line($"{Head(type, "global::Pipelines.RecordSchema", "Schema")} {{ get; }} = new(");
        using (source.Indent())
        {
            source.Line($"{CodecEmitter.Literal(type.FullName)},");
            source.Line($"global::Pipelines.RecordKind.{type.Place},");
            source.Line($"{CodecEmitter.Literal(type.Topic)},");
            source.Line($"global::Pipelines.Format.{type.Format},");
            source.Line($"{CodecEmitter.Literal(type.Fingerprint)},");
            source.Line($"BorrowsBytes: {(type.Members.Any(static member => Borrows(member.Shape)) ? "true" : "false")},");
            source.Line("[");
            using (source.Indent())
            {
                foreach (CodedMember member in type.Members)
                    source.Line($"new({CodecEmitter.Literal(member.Name)}, {CodecEmitter.Literal(member.Shape.DisplayName)}, IsKey: {(member.IsKey ? "true" : "false")}, IsEventTime: {(member.IsEventTime ? "true" : "false")}),");
            }

            source.Line("]);");
        }

        source.Line();
    }

    /// <summary>True when a text in it borrows the batch's bytes; a nested struct is taken to.</summary>
    private static bool Borrows(Shape shape) =>
        shape.Kind == ShapeKind.Nested || shape.DisplayName == "Pipelines.Text" || (shape.Element is not null && Borrows(shape.Element));

    private static void EmitValue(SourceWriter source, CodedType type)
    {
        CodecEmitter.Hide(source, "Appends the value's bytes.");
        using (source.Block($"{Head(type, "void", "WriteValue")}(in {type.TypeName} record, global::Pipelines.EncodeBuffer target)"))
        {
            switch (type.Format)
            {
                case "Json":
                    source.Line("global::System.Text.Json.Utf8JsonWriter json = global::Pipelines.JsonRecordWriter.Begin(target);");
                    source.Line("WriteJson(in record, json);");
                    source.Line("global::Pipelines.JsonRecordWriter.End(json);");
                    break;
                case "Text":
                    CodedMember value = type.Members.First(static member => !member.IsKey);
                    source.Line($"global::Pipelines.KeyCodec.Write(target, record.{value.Identifier});");
                    break;
                default:
                    source.Line("WriteMessagePack(in record, target);");
                    break;
            }
        }

        source.Line();
    }

    private static void EmitRead(SourceWriter source, CodedType type)
    {
        CodecEmitter.Hide(source, "Reads a record from its key and value.");
        using (source.Block($"{Head(type, "void", "Read")}(byte[] buffer, in global::Pipelines.Execution.RecordEntry entry, out {type.TypeName} record)"))
        {
            switch (type.Format)
            {
                case "Json":
                    source.Line($"var reader = new global::Pipelines.JsonRecordReader(buffer, entry.ValueStart, entry.ValueLength, {SchemaOf(type)});");
                    source.Line("reader.Begin();");
                    source.Line("ReadJson(ref reader, out record);");
                    source.Line("reader.End();");
                    break;
                case "Text":
                    for (int i = 0; i < type.Members.Count; i++) EmitTextMember(source, type, i);
                    CodecEmitter.Construct(source, type);
                    break;
                default:
                    source.Line($"var reader = new global::Pipelines.MessagePackReader(buffer, entry.ValueStart, entry.ValueLength, {SchemaOf(type)});");
                    source.Line("ReadMessagePack(ref reader, out record);");
                    source.Line("reader.End();");
                    break;
            }
        }

        source.Line();
    }

    /// <summary>Of a text record the key member is the record's key, and the other one all of its value.</summary>
    private static void EmitTextMember(SourceWriter source, CodedType type, int index)
    {
        CodedMember member = type.Members[index];
        string part = member.IsKey ? "Key" : "Value";
        CodecEmitter.Declare(source, member, index);
        bool isNullable = member.Shape.Kind == ShapeKind.Nullable;
        Shape shape = isNullable ? member.Shape.Element! : member.Shape;
        // Null is written as no bytes. Only a text can be empty too, and then what is there is empty, not null.
        using (source.Block($"if (entry.{part}Length {(isNullable && KeyCode.CanBeEmpty(shape) ? ">= 0" : "> 0")})"))
        {
            if (shape.DisplayName == "Pipelines.Text")
            {
                source.Line($"{CodecEmitter.Local(index)} = new global::Pipelines.Text(buffer, entry.{part}Start, entry.{part}Length);");
                return;
            }

            string bytes = $"new global::System.ReadOnlySpan<byte>(buffer, entry.{part}Start, entry.{part}Length)";
            if (KeyCode.CanBeEmpty(shape))
            {
                EmitText(bytes);
                return;
            }

            using (source.Block("try")) EmitText(bytes);
            using (source.Block("catch (global::Pipelines.RecordFormatException failure)"))
                source.Line($"global::Pipelines.KeyCodec.ThrowInRecord({SchemaOf(type)}, {CodecEmitter.Number(index)}, failure);");
        }

        void EmitText(string bytes)
        {
            source.Line($"global::Pipelines.KeyCodec.Read({bytes}, out {(shape.Kind == ShapeKind.Enum ? shape.Underlying : shape.TypeName)} read);");
            source.Line($"{CodecEmitter.Local(index)} = {(shape.Kind == ShapeKind.Enum ? $"({shape.TypeName})" : "")}read;");
        }
    }

    private static void EmitEventTime(SourceWriter source, CodedType type)
    {
        CodecEmitter.Hide(source, "The record's event time in Unix milliseconds.");
        CodedMember? time = type.Members.FirstOrDefault(static member => member.IsEventTime);
        string value = type.IsTimed ? $"{type.TypeName}.ReadEventTime(in record, timestampMs)" : time is null ? "timestampMs" : time.Shape.DisplayName == "long" ? $"record.{time.Identifier}" : $"record.{time.Identifier}.ToUnixTimeMilliseconds()";
        source.Line($"{Head(type, "long", "EventTime")}(in {type.TypeName} record, long timestampMs) => {value};");
        source.Line();
    }
}
