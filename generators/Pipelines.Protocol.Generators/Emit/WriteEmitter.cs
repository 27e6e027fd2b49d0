using Pipelines.Generators.Emit;
using Pipelines.Protocol.Generators.Model;

namespace Pipelines.Protocol.Generators.Emit;

/// <summary>Writes the <c>Write</c> method of a structure.</summary>
internal sealed class WriteEmitter(SourceWriter source, int flexibleFrom)
{
    public void Emit(StructModel model, string owner)
    {
        source.Line("/// <summary>Writes the fields of the version.</summary>");
        source.Line("/// <exception cref=\"global::Pipelines.Protocol.Wire.UnsupportedFieldException\">A field that the version does not have is set and may not be left out.</exception>");
        using (source.Block("public void Write(global::Pipelines.Protocol.Wire.MessageWriter writer, short version)"))
        {
            foreach (FieldModel field in model.Fields)
            {
                string? test = VersionTest.In(field.Versions, model.Versions);
                if (test is not null && !field.IsIgnorable)
                    source.Line($"if (!({test}) && !({FieldTypes.IsDefault(field)})) throw new global::Pipelines.Protocol.Wire.UnsupportedFieldException(\"{owner}.{field.Name}\", version);");
                if (field.Tag >= 0) continue;
                if (test is null) Value(field);
                else using (source.Block($"if ({test})")) Value(field);
            }

            if (model.Versions.Last >= flexibleFrom) Tags(model);
        }
    }

    private void Tags(StructModel model)
    {
        string? test = VersionTest.In(new VersionRange(flexibleFrom, int.MaxValue), model.Versions);
        using (source.Block(test is null ? "" : $"if ({test})"))
        {
            List<FieldModel> tagged = [.. model.Fields.Where(static field => field.Tag >= 0).OrderBy(static field => field.Tag)];
            if (tagged.Count == 0)
            {
                source.Line("writer.WriteTagCount(0);");
                return;
            }

            source.Line("int tags = 0;");
            foreach (FieldModel field in tagged) source.Line($"if ({IsSent(field, model)}) tags++;");
            source.Line("writer.WriteTagCount(tags);");
            foreach (FieldModel field in tagged)
            {
                using (source.Block($"if ({IsSent(field, model)})"))
                {
                    source.Line($"int tag = writer.BeginTag({VersionTest.Number(field.Tag)});");
                    Value(field);
                    source.Line("writer.EndTag(tag);");
                }
            }
        }
    }

    private static string IsSent(FieldModel field, StructModel model)
    {
        string? test = VersionTest.In(field.Versions, model.Versions);
        return (test is null ? "" : $"{test} && ") + $"!({FieldTypes.IsDefault(field)})";
    }

    private void Value(FieldModel field)
    {
        string? mayBeNull = VersionTest.In(field.Nullable, field.Versions);
        string value = field.Name;
        if (mayBeNull is not null && mayBeNull != "false")
        {
            source.Line($"if ({field.Name} is null && !({mayBeNull})) throw new global::Pipelines.Protocol.Wire.UnsupportedFieldException(\"{field.Name}\", version);");
        }

        if (field.IsArray) Array(field);
        else if (field.IsStruct)
        {
            if (field.Nullable.IsEmpty) source.Line($"{value}.Write(writer, version);");
            else
            {
                string flag = $"writer.WriteIsPresent({value} is not null);";
                source.Line(mayBeNull is null ? flag : $"if ({mayBeNull}) {flag}");
                source.Line($"{value}?.Write(writer, version);");
            }
        }
        else if (field.Type is "string" or "bytes" or "records") source.Line($"writer.Write{(field.Nullable.IsEmpty ? "" : "Nullable")}{FieldTypes.Method(field)}({value});");
        else source.Line($"writer.Write{FieldTypes.Method(field)}({value});");
    }

    private void Array(FieldModel field)
    {
        source.Line($"writer.WriteCount({field.Name}{(field.Nullable.IsEmpty ? "" : "?")}.Count{(field.Nullable.IsEmpty ? "" : " ?? -1")});");
        string items = field.Nullable.IsEmpty ? field.Name : $"{field.Name} ?? []";
        using (source.Block($"foreach (var item in {items})"))
            source.Line(field.IsStruct ? "item.Write(writer, version);" : $"writer.Write{FieldTypes.Method(field)}(item);");
    }
}
