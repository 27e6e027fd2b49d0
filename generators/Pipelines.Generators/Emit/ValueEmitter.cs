using Pipelines.Generators.Model;

namespace Pipelines.Generators.Emit;

/// <summary>Writes the statements that write or read one value, whatever its shape.</summary>
/// <param name="source">Where the statements go.</param>
/// <param name="isJson">True for JSON, false for MessagePack.</param>
internal sealed class ValueEmitter(SourceWriter source, bool isJson)
{
    private int names;

    public void Write(Shape shape, string value)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Plain:
                source.Line(isJson ? $"global::Pipelines.JsonRecordWriter.Write(json, {value});" : $"global::Pipelines.MessagePackWriter.Write(target, {value});");
                break;
            case ShapeKind.Enum:
                source.Line(isJson ? $"global::Pipelines.JsonRecordWriter.WriteEnum(json, {value});" : $"global::Pipelines.MessagePackWriter.Write(target, ({shape.Underlying}){value});");
                break;
            case ShapeKind.Nullable:
                WriteNullable(shape, value);
                break;
            case ShapeKind.Nested:
                source.Line(isJson ? $"{shape.TypeName}.WriteJson({value}, json);" : $"{shape.TypeName}.WriteMessagePack({value}, target);");
                break;
            default:
                WriteMany(shape, value);
                break;
        }
    }

    /// <summary>Reads into a variable that is declared already.</summary>
    public void Read(Shape shape, string variable)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Plain:
                source.Line($"reader.Read(out {variable});");
                break;
            case ShapeKind.Enum when isJson:
                source.Line($"reader.ReadEnum(out {variable});");
                break;
            case ShapeKind.Enum:
                string number = Name("number");
                source.Line($"reader.Read(out {shape.Underlying} {number});");
                source.Line($"{variable} = ({shape.TypeName}){number};");
                break;
            case ShapeKind.Nullable:
                using (source.Block("if (reader.TryReadNil())")) source.Line($"{variable} = null;");
                using (source.Block("else"))
                {
                    string inner = Name("value");
                    source.Line($"{shape.Element!.TypeName} {inner};");
                    Read(shape.Element, inner);
                    source.Line($"{variable} = {inner};");
                }

                break;
            case ShapeKind.Nested:
                source.Line(isJson ? $"{shape.TypeName}.ReadJson(ref reader, out {variable});" : $"{shape.TypeName}.ReadMessagePack(ref reader, out {variable});");
                break;
            default:
                ReadMany(shape, variable);
                break;
        }
    }

    private void WriteNullable(Shape shape, string value)
    {
        string inner = Name("value");
        using (source.Block($"if ({value} is {{ }} {inner})")) Write(shape.Element!, inner);
        using (source.Block("else")) source.Line(isJson ? "json.WriteNullValue();" : "global::Pipelines.MessagePackWriter.WriteNil(target);");
    }

    private void WriteMany(Shape shape, string value)
    {
        string items = Name("items");
        string count = shape.Kind switch
        {
            ShapeKind.Array => $"{items}.Length",
            ShapeKind.ImmutableArray => $"{items}.Length",
            _ => $"{items}.Count",
        };
        string held = shape.Kind == ShapeKind.ImmutableArray ? $"{value}.IsDefault ? {shape.TypeName}.Empty : {value}" : $"{value} ?? []";
        source.Line($"{(shape.Kind == ShapeKind.ReadOnlyList ? $"global::System.Collections.Generic.IReadOnlyList<{shape.Element!.TypeName}>" : shape.TypeName)} {items} = {Held(shape, held, value)};");
        source.Line(isJson ? "json.WriteStartArray();" : $"global::Pipelines.MessagePackWriter.WriteArrayHeader(target, {count});");
        string item = Name("item");
        string index = Name("index");
        using (source.Block($"for (int {index} = 0; {index} < {count}; {index}++)"))
        {
            source.Line($"{shape.Element!.TypeName} {item} = {items}[{index}];");
            Write(shape.Element, item);
        }

        if (isJson) source.Line("json.WriteEndArray();");
    }

    private static string Held(Shape shape, string held, string value) => shape.Kind == ShapeKind.ReadOnlyList
        ? $"{value} as global::System.Collections.Generic.IReadOnlyList<{shape.Element!.TypeName}> ?? (global::System.Collections.Generic.IReadOnlyList<{shape.Element.TypeName}>)[.. {value} ?? []]"
        : held;

    private void ReadMany(Shape shape, string variable)
    {
        string element = shape.Element!.TypeName;
        string list = Name("list");
        string item = Name("item");
        if (isJson)
        {
            source.Line($"global::System.Collections.Generic.List<{element}> {list} = [];");
            source.Line("reader.BeginArray();");
            using (source.Block("while (reader.NextElement())")) ReadItem();
        }
        else
        {
            string count = Name("count");
            string index = Name("index");
            source.Line($"int {count} = reader.ReadArrayHeader();");
            // The count is no more than there are bytes, but an element in memory may be larger than its bytes: what is claimed is not believed.
            source.Line($"global::System.Collections.Generic.List<{element}> {list} = new(global::System.Math.Min({count}, 1024));");
            using (source.Block($"for (int {index} = 0; {index} < {count}; {index}++)")) ReadItem();
        }

        source.Line(shape.Kind == ShapeKind.List ? $"{variable} = {list};" : $"{variable} = [.. {list}];");

        void ReadItem()
        {
            source.Line($"{element} {item};");
            Read(shape.Element!, item);
            source.Line($"{list}.Add({item});");
        }
    }

    private string Name(string stem) => $"{stem}{names++}";
}
