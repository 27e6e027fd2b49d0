using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Soak.Fuzzing;

/// <summary>A field of a message, in one version.</summary>
internal readonly record struct ShapeField(PropertyInfo Property, bool MayBeNull);

/// <summary>Which fields a version of a message has, found out by writing them.</summary>
internal static class Shape
{
    private static readonly ConcurrentDictionary<(Type, short, bool), ShapeField[]> Known = new();

    internal static ShapeField[] Of(Type type, short version, bool isFlexible) =>
        Known.GetOrAdd((type, version, isFlexible), static key => [.. key.Item1.GetProperties()
            .Where(static property => property.CanWrite)
            .Where(property => IsAccepted(key.Item1, property, Sample(property.PropertyType), key.Item2, key.Item3))
            .Select(property => new ShapeField(property, !property.PropertyType.IsValueType | Nullable.GetUnderlyingType(property.PropertyType) is not null
                && IsAccepted(key.Item1, property, null, key.Item2, key.Item3)))]);

    internal static Type? ItemOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? type.GetGenericArguments()[0] : null;

    private static bool IsAccepted(Type type, PropertyInfo property, object? value, short version, bool isFlexible)
    {
        object owner = Activator.CreateInstance(type)!;
        // The default is left out silently, so it says nothing.
        property.SetValue(owner, value is bool ? !(bool)property.GetValue(owner)! : value);
        using var writer = new MessageWriter { IsFlexible = isFlexible };
        try
        {
            Write(owner, writer, version);
            return true;
        }
        catch (Exception refused) when (refused is UnsupportedFieldException or NullReferenceException or ArgumentNullException)
        {
            return false;
        }
    }

    private static void Write(object owner, MessageWriter writer, short version)
    {
        if (owner is IMessage message) message.Write(writer, version);
        else owner.GetType().GetMethod(nameof(IMessage.Write))!.CreateDelegate<Action<MessageWriter, short>>(owner)(writer, version);
    }

    private static object Sample(Type type)
    {
        if (ItemOf(type) is { } item)
        {
            var list = (IList)Activator.CreateInstance(type)!;
            list.Add(item.IsClass && item != typeof(string) ? Activator.CreateInstance(item) : Sample(item));
            return list;
        }

        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) ? "x"
            : plain == typeof(bool) ? true
            : plain == typeof(Guid) ? new Guid(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11])
            : plain == typeof(ReadOnlyMemory<byte>) ? new ReadOnlyMemory<byte>([1])
            : plain.IsPrimitive ? Convert.ChangeType(77, plain, System.Globalization.CultureInfo.InvariantCulture)
            : Structure(plain);
    }

    /// <summary>One that is unlike its default, which is left out silently.</summary>
    private static object Structure(Type type)
    {
        object value = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties().Where(static property => property.PropertyType.IsPrimitive)) property.SetValue(value, Sample(property.PropertyType));
        return value;
    }
}
