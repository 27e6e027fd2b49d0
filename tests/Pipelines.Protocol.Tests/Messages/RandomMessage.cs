using System.Collections;
using System.Reflection;
using System.Text;
using Pipelines.Protocol.Generators.Model;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Messages;

/// <summary>Random instances of a message: every field that the version has gets a value.</summary>
internal sealed class RandomMessage(MessagePart part, Random random)
{
    private const string Letters = "aZ0-._ é世\"\\";

    public IMessage Next(short version)
    {
        IMessage message = part.New();
        Fill(message, part.Model, version, 0);
        return message;
    }

    public static PropertyInfo Property(object owner, FieldModel field) => owner.GetType().GetProperty(field.Name) ?? throw new InvalidOperationException($"{owner.GetType()} has no {field.Name}.");

    public static bool Has(VersionRange range, short version) => range.First <= version && version <= range.Last;

    private void Fill(object target, StructModel model, short version, int depth)
    {
        foreach (FieldModel field in model.Fields)
        {
            if (!Has(field.Versions, version) || (field.Tag >= 0 && random.Next(3) == 0)) continue;
            PropertyInfo property = Property(target, field);
            property.SetValue(target, Value(field, property.PropertyType, version, depth));
        }
    }

    private object? Value(FieldModel field, Type type, short version, int depth)
    {
        if (Has(field.Nullable, version) && random.Next(4) == 0) return null;
        if (!field.IsArray) return Element(field, version, depth);
        var list = (IList)Activator.CreateInstance(type)!;
        for (int count = random.Next(depth > 2 ? 3 : 5); count > 0; count--) list.Add(Element(field, version, depth + 1));
        return list;
    }

    private object Element(FieldModel field, short version, int depth) => field.Type switch
    {
        "bool" => random.Next(2) == 0,
        "int8" => (sbyte)random.Next(-128, 128),
        "int16" => (short)random.Next(short.MinValue, short.MaxValue + 1),
        "uint16" => (ushort)random.Next(ushort.MaxValue + 1),
        "int32" => random.Next(int.MinValue, int.MaxValue),
        "uint32" => (uint)random.NextInt64(uint.MaxValue),
        "int64" => random.NextInt64(long.MinValue, long.MaxValue),
        "float64" => random.NextDouble() * 1000,
        "string" => Text(),
        "uuid" => new Guid(Bytes(16)),
        "bytes" or "records" => new ReadOnlyMemory<byte>(Bytes(random.Next(random.Next(20) == 0 ? 400 : 16))),
        _ => Struct(field.Type, version, depth),
    };

    private object Struct(string name, short version, int depth)
    {
        object value = Activator.CreateInstance(part.Class.GetNestedType(name)!)!;
        Fill(value, part.Nested(name), version, depth + 1);
        return value;
    }

    private string Text()
    {
        var text = new StringBuilder();
        for (int count = random.Next(random.Next(20) == 0 ? 300 : 12); count > 0; count--) text.Append(Letters[random.Next(Letters.Length)]);
        return random.Next(10) == 0 ? text.Append("😀").ToString() : text.ToString();
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
