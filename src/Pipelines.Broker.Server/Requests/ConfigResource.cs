namespace Pipelines.Broker.Server.Requests;

/// <summary>The kinds of things that have settings; the numbers are Kafka's.</summary>
internal enum ConfigResource : sbyte
{
    Unknown = 0,
    Topic = 2,
    Broker = 4,
    Group = 32,
}

/// <summary>Where the value of a setting comes from; the numbers are Kafka's.</summary>
/// <remarks>Source: KIP-226.</remarks>
internal enum ConfigSource : sbyte
{
    Topic = 1,
    StaticBroker = 4,
    Default = 5,
    Group = 8,
}
