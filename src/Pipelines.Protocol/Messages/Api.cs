using System.Collections.Immutable;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Messages;

/// <summary>Versions from <paramref name="First"/> to <paramref name="Last"/>, both included; none when First is the larger.</summary>
public readonly record struct VersionRange(short First, short Last)
{
    /// <summary>True when there is no version.</summary>
    public bool IsEmpty => First > Last;

    /// <summary>Whether a version is one of them.</summary>
    public bool Contains(short version) => version >= First && version <= Last;
}

/// <summary>What the schemas say of an API: its versions, and which of them the shipped broker serves and advertises.</summary>
public sealed partial class Api
{
    private static readonly Api?[] ByKey;
    private readonly short flexibleFrom;
    private readonly Func<IMessage> newRequest;
    private readonly Func<IMessage> newResponse;

    static Api()
    {
        All = [.. Table()];
        ByKey = new Api?[(int)All[^1].Key + 1];
        foreach (Api api in All) ByKey[(int)api.Key] = api;
    }

    private Api(ApiKey key, VersionRange versions, short flexibleFrom, VersionRange served, VersionRange advertised, Func<IMessage> newRequest, Func<IMessage> newResponse)
    {
        Key = key;
        Versions = versions;
        this.flexibleFrom = flexibleFrom;
        Served = served;
        Advertised = advertised;
        this.newRequest = newRequest;
        this.newResponse = newResponse;
    }

    /// <summary>All APIs that have a schema, by key.</summary>
    public static ImmutableArray<Api> All { get; }

    /// <summary>The API.</summary>
    public ApiKey Key { get; }

    /// <summary>The versions that the schema describes.</summary>
    public VersionRange Versions { get; }

    /// <summary>The versions that the shipped broker serves.</summary>
    public VersionRange Served { get; }

    /// <summary>
    /// The versions that the shipped broker names in ApiVersions. Wider than <see cref="Served"/> where librdkafka reads features out of old versions;
    /// the others are refused when they are used.
    /// </summary>
    /// <remarks>Source: KAFKA-18659.</remarks>
    public VersionRange Advertised { get; }

    /// <summary>The API of a key, or null.</summary>
    public static Api? Find(ApiKey key) => (uint)key < (uint)ByKey.Length ? ByKey[(int)key] : null;

    /// <summary>The API of a key that has a schema.</summary>
    public static Api Of(ApiKey key) => Find(key) ?? throw new ArgumentOutOfRangeException(nameof(key), key, "There is no schema for the API.");

    /// <summary>Whether a version has compact lengths and tagged fields.</summary>
    public bool IsFlexible(short version) => version >= flexibleFrom;

    /// <summary>An empty request.</summary>
    public IMessage NewRequest() => newRequest();

    /// <summary>An empty answer.</summary>
    public IMessage NewResponse() => newResponse();
}
