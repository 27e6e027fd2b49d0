using Pipelines.Execution;

namespace Pipelines.Abstractions.Tests.State;

/// <summary>A changelog in memory: what one seal writes waits until it is committed or dropped.</summary>
internal sealed class MemoryChangelog : ChangelogSink
{
    private readonly List<(byte[] Key, byte[]? Value)> committed = [];

    /// <summary>What has been written since the last commit or drop.</summary>
    internal List<(byte[] Key, byte[]? Value)> Pending { get; } = [];

    internal override void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Pending.Add((key.ToArray(), value.ToArray()));

    internal override void Delete(ReadOnlySpan<byte> key) => Pending.Add((key.ToArray(), null));

    internal void Commit()
    {
        committed.AddRange(Pending);
        Pending.Clear();
    }

    internal void Drop() => Pending.Clear();

    /// <summary>Plays all that was committed into a store, as a restart does.</summary>
    internal void Replay(StoreBase store)
    {
        foreach ((byte[] key, byte[]? value) in committed) store.Restore(key.AsSpan(4), value, value is null);
    }
}

/// <summary>Counts what it is given and keeps nothing.</summary>
internal sealed class CountingChangelog : ChangelogSink
{
    internal int Writes { get; private set; }

    internal int Deletes { get; private set; }

    internal override void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Writes++;

    internal override void Delete(ReadOnlySpan<byte> key) => Deletes++;
}
