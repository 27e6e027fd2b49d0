using Pipelines.Protocol.Generators.Model;
using Pipelines.Protocol.Generators.Parsing;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Messages;

/// <summary>A request, answer or data of a schema, with the class that was generated from it.</summary>
internal sealed record MessagePart(MessageModel Message, StructModel Model, Type Class)
{
    public string Name => Model.Name;

    public IMessage New() => (IMessage)Activator.CreateInstance(Class)!;

    public bool IsFlexible(int version) => version >= Message.FlexibleFrom;

    public StructModel Nested(string name) => Model.Nested.Single(nested => nested.Name == name);

    public IEnumerable<short> Versions => Enumerable.Range(Model.Versions.First, Model.Versions.Last - Model.Versions.First + 1).Select(static version => (short)version);

    public byte[] Write(IMessage message, short version)
    {
        using var writer = new MessageWriter { IsFlexible = IsFlexible(version) };
        message.Write(writer, version);
        return writer.Written.ToArray();
    }

    public IMessage Read(ReadOnlyMemory<byte> bytes, short version)
    {
        var reader = new MessageReader(bytes, IsFlexible(version));
        IMessage message = New();
        message.Read(ref reader, version);
        Assert.Equal(0, reader.Remaining);
        return message;
    }
}

/// <summary>The schema files, read by the generator's own parser.</summary>
internal static class Schema
{
    public static IReadOnlyList<MessagePart> Parts { get; } =
    [
        .. from file in Directory.GetFiles(AppContext.BaseDirectory, "*.message", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
           let message = MessageParser.Parse(File.ReadAllText(file))
           from part in message.Parts
           select new MessagePart(message, part, typeof(Api).Assembly.GetType($"Pipelines.Protocol.Messages.{part.Name}", throwOnError: true)!),
    ];

    public static MessagePart Part(string name) => Parts.Single(part => part.Name == name);
}
