namespace Pipelines.Protocol.Generators.Model;

/// <summary>Versions from <paramref name="First"/> to <paramref name="Last"/>, both included; empty when First is the larger.</summary>
internal readonly record struct VersionRange(int First, int Last)
{
    public static readonly VersionRange None = new(1, 0);

    public bool IsEmpty => First > Last;

    public VersionRange Intersect(VersionRange other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last));

    public bool Covers(VersionRange other) => other.IsEmpty || (First <= other.First && Last >= other.Last);
}
