using System.Collections;
using System.Reflection;
using Pipelines.Broker.Server.Requests;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Soak.Fuzzing;

/// <summary>Random requests of every API that has a handler, in every version that is served.</summary>
internal sealed class RequestMaker(Words words, Random random)
{
    private static readonly (Api Api, short Version)[] Served =
    [
        .. from api in Api.All
           where HandlerTable.Find(api.Key) is not null
           from version in Enumerable.Range(api.Served.First, api.Served.Last - api.Served.First + 1)
           select (api, (short)version),
    ];

    /// <summary>The APIs that are asked.</summary>
    internal static IEnumerable<ApiKey> Keys => Served.Select(static one => one.Api.Key).Distinct();

    /// <summary>The next request as a frame, without its length.</summary>
    internal byte[] Next()
    {
        // The API first: one with many versions is asked no more often.
        ApiKey key = Served[random.Next(Served.Length)].Api.Key;
        (Api api, short version)[] versions = [.. Served.Where(one => one.Api.Key == key)];
        (Api api, short version) = versions[random.Next(versions.Length)];
        bool isFlexible = api.IsFlexible(version);
        IMessage request = api.NewRequest();
        Fill(request, version, isFlexible, 0);
        using var writer = new MessageWriter();
        new RequestHeader(key, version, random.Next(), random.Next(8) == 0 ? words.Name() : "fuzz").Write(writer);
        request.Write(writer, version);
        return writer.Written.ToArray();
    }

    private void Fill(object target, short version, bool isFlexible, int depth)
    {
        foreach (ShapeField field in Shape.Of(target.GetType(), version, isFlexible))
        {
            if (random.Next(16) == 0) continue;
            PropertyInfo property = field.Property;
            property.SetValue(target, field.MayBeNull && random.Next(4) == 0 ? null : Value(property.Name, property.PropertyType, version, isFlexible, depth));
        }
    }

    private object Value(string name, Type type, short version, bool isFlexible, int depth)
    {
        if (Shape.ItemOf(type) is not { } item) return Element(name, type, version, isFlexible, depth);
        var list = (IList)Activator.CreateInstance(type)!;
        for (int count = random.Next(depth > 1 ? 3 : 4); count > 0; count--) list.Add(Element(name, item, version, isFlexible, depth + 1));
        return list;
    }

    private object Element(string name, Type type, short version, bool isFlexible, int depth)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(string)) return name is "Topic" or "Name" or "TopicName" && random.Next(3) > 0 ? Words.Topics[random.Next(Words.Topics.Length)] : words.Name();
        if (plain == typeof(bool)) return random.Next(2) == 0;
        if (plain == typeof(Guid)) return words.Id();
        if (plain == typeof(ReadOnlyMemory<byte>)) return name == "Records" ? words.Batches() : new ReadOnlyMemory<byte>(words.Bytes(random.Next(24)));
        if (plain == typeof(double)) return random.NextDouble() * 1000;
        if (plain.IsPrimitive) return Number(name, plain);
        object value = Activator.CreateInstance(plain)!;
        Fill(value, version, isFlexible, depth + 1);
        return value;
    }

    private object Number(string name, Type type)
    {
        // Numbers that have to be right before anything is looked at behind them.
        long value = random.Next(3) == 0 ? words.Number() : name switch
        {
            "ProducerId" or "V3AndBelowProducerId" => random.Next(1, 12),
            "ProducerEpoch" or "V3AndBelowProducerEpoch" => random.Next(3),
            "SessionTimeoutMs" or "TransactionTimeoutMs" => 10_000,
            "MaxWaitMs" or "RebalanceTimeoutMs" => random.Next(5),
            "MaxBytes" or "PartitionMaxBytes" => 100_000,
            "SessionId" or "PartitionIndex" or "Partition" or "Index" or "CurrentLeaderEpoch" => 0,
            "GenerationId" or "GenerationIdOrMemberEpoch" => random.Next(1, 3),
            _ => words.Number(),
        };
        return Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => (object)(sbyte)value,
            TypeCode.Byte => (byte)value,
            TypeCode.Int16 => (short)value,
            TypeCode.UInt16 => (ushort)value,
            TypeCode.Int32 => (int)value,
            TypeCode.UInt32 => (uint)value,
            _ => value,
        };
    }
}
