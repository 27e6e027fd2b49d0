namespace Pipelines;

/// <summary>The member is the record's key, or a part of it, in declaration order.</summary>
/// <remarks>
/// One key member is written as Kafka's own serializers write it: text as UTF-8, <c>int</c> and <c>long</c> big-endian, <c>Guid</c> as text.
/// Several are written as a MessagePack array. The partition is Kafka's default: murmur2 of these bytes.
/// </remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Field)]
public sealed class KeyAttribute : Attribute;

/// <summary>The member says when the event happened; without it, the record's timestamp on the broker does.</summary>
/// <remarks>The member is a <see cref="DateTimeOffset"/> or a <see langword="long"/> of Unix milliseconds; time is kept in whole milliseconds.</remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Field)]
public sealed class EventTimeAttribute : Attribute;
