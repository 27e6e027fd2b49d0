using Pipelines.Generators.Emit;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Emit;

/// <summary>Writes the <c>Read</c> method of a structure.</summary>
internal sealed class ReadEmitter(SourceWriter source, int flexibleFrom, IReadOnlyDictionary<string, StructModel> structs)
{
    public void Emit(StructModel model)
    {
        source.Line("/// <summary>Reads every field of the version; fields that it does not have get their defaults.</summary>");
        source.Line("/// <exception cref=\"global::Pipelines.Protocol.Wire.MalformedMessageException\">The bytes are not such a message.</exception>");
        using (source.Block("public void Read(ref global::Pipelines.Protocol.Wire.MessageReader reader, short version)"))
        {
            foreach (FieldModel field in model.Fields)
            {
                string? test = field.Tag >= 0 ? "false" : VersionTest.In(field.Versions, model.Versions);
                if (test == "false") source.Line($"{field.Name} = {FieldTypes.Default(field)};");
                else if (test is null) Value(field, field.Versions);
                else
                {
                    using (source.Block($"if ({test})")) Value(field, field.Versions);
                    using (source.Block("else")) source.Line($"{field.Name} = {FieldTypes.Default(field)};");
                }
            }

            if (model.Versions.Last >= flexibleFrom) Tags(model);
        }
    }

    private void Tags(StructModel model)
    {
        string? test = VersionTest.In(new VersionRange(flexibleFrom, int.MaxValue), model.Versions);
        using (source.Block(test is null ? "" : $"if ({test})"))
        {
            List<FieldModel> tagged = [.. model.Fields.Where(static field => field.Tag >= 0)];
            if (tagged.Count == 0)
            {
                source.Line("reader.SkipTaggedFields();");
                return;
            }

            source.Line("int tags = reader.ReadTagCount();");
            using (source.Block("for (; tags > 0; tags--)"))
            {
                source.Line("int tag = reader.ReadTag(out int end);");
                using (source.Block("switch (tag)"))
                {
                    foreach (FieldModel field in tagged)
                    {
                        string? when = VersionTest.In(field.Versions, model.Versions);
                        source.Line($"case {VersionTest.Number(field.Tag)}{(when is null ? "" : " when " + when)}:");
                        using (source.Block("")) Value(field, field.Versions);
                        using (source.Indent()) source.Line("break;");
                    }

                    source.Line("default:");
                    using (source.Indent())
                    {
                        source.Line("reader.SkipTo(end);");
                        source.Line("break;");
                    }
                }

                source.Line("reader.EndTag(end);");
            }
        }
    }

    private void Value(FieldModel field, VersionRange within)
    {
        string? mayBeNull = VersionTest.In(field.Nullable, within);
        string name = $"\"{field.Name}\"";
        if (field.IsArray) Array(field, mayBeNull, name);
        else if (field.IsStruct) Struct(field, mayBeNull);
        else if (field.Type is "string" or "bytes" or "records")
        {
            string method = FieldTypes.Method(field);
            source.Line(mayBeNull switch
            {
                "false" => $"{field.Name} = reader.Read{method}({name});",
                null => $"{field.Name} = reader.ReadNullable{method}();",
                _ => $"{field.Name} = {mayBeNull} ? reader.ReadNullable{method}() : reader.Read{method}({name});",
            });
        }
        else source.Line($"{field.Name} = reader.Read{FieldTypes.Method(field)}();");
    }

    private void Struct(FieldModel field, string? mayBeNull)
    {
        if (mayBeNull == "false")
        {
            source.Line($"{field.Name} = new();");
            source.Line($"{field.Name}.Read(ref reader, version);");
            return;
        }

        source.Line($"{field.Name} = {(mayBeNull is null ? "" : $"!({mayBeNull}) || ")}reader.ReadIsPresent() ? new() : null;");
        source.Line($"{field.Name}?.Read(ref reader, version);");
    }

    private void Array(FieldModel field, string? mayBeNull, string name)
    {
        string item = FieldTypes.Element(field);
        using (source.Block(""))
        {
            source.Line($"int count = reader.ReadCount({VersionTest.Number(FieldTypes.LeastBytes(field, structs))});");
            string notNull = mayBeNull == "false" ? "count < 0" : $"count < 0 && !({mayBeNull})";
            if (mayBeNull is not null) source.Line($"if ({notNull}) throw global::Pipelines.Protocol.Wire.MalformedMessageException.Null({name});");
            if (mayBeNull != "false")
            {
                source.Line($"{field.Name} = count < 0 ? null : new global::System.Collections.Generic.List<{item}>(count);");
            }
            else source.Line($"{field.Name} = new global::System.Collections.Generic.List<{item}>(count);");
            using (source.Block("for (int i = 0; i < count; i++)"))
            {
                string list = field.Nullable.IsEmpty ? field.Name : field.Name + "!";
                if (field.IsStruct)
                {
                    source.Line($"var item = new {item}();");
                    source.Line("item.Read(ref reader, version);");
                    source.Line($"{list}.Add(item);");
                }
                else
                {
                    string argument = field.Type is "string" or "bytes" ? name : "";
                    source.Line($"{list}.Add(reader.Read{FieldTypes.Method(field)}({argument}));");
                }
            }
        }
    }
}
