using System.Buffers.Binary;
using System.ComponentModel;

namespace Pipelines.Execution;

/// <summary>Keyed state of one handler parameter in one task, whatever its type.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public abstract class StoreBase
{
    private protected StoreBase(uint id, string name)
    {
        Id = id;
        Name = name;
    }

    /// <summary>The store's number in the changelog.</summary>
    public uint Id { get; }

    /// <summary>Detector and parameter, as <c>detector/parameter</c>.</summary>
    public string Name { get; }

    /// <summary>The keys held, over all windows.</summary>
    public abstract int Count { get; }

    /// <summary>The memory held, without what states refer to.</summary>
    public abstract long StateBytes { get; }

    internal abstract void RollbackRecord();

    internal abstract void RollbackOpen();

    internal abstract void RollbackSealed();

    internal abstract void Seal(ChangelogSink changelog);

    internal abstract void Acknowledge();

    internal abstract void ResetStamps();

    /// <summary>Takes in one changelog record, its key without the store's number.</summary>
    /// <exception cref="RecordFormatException">The state is not of the store's type.</exception>
    internal abstract void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isNull);

    /// <summary>Asks for what <see cref="Restore"/> of a key of this store will need; of another's it may be anything, and does no harm.</summary>
    internal abstract void PrefetchRestored(ReadOnlySpan<byte> key);

    /// <summary>Begins a changelog key: the store's number, big-endian.</summary>
    private protected void BeginKey(EncodeBuffer key)
    {
        key.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(key.GetSpan(4), Id);
        key.Advance(4);
    }
}

/// <summary>The states of a store, whatever their codec; what a test asks.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public interface IStateReader<T>
{
    /// <summary>The state of a key.</summary>
    /// <param name="windowStartMs">The start of the window; null for a store without windows.</param>
    /// <param name="key">The key's bytes.</param>
    /// <param name="state">The state, or default.</param>
    /// <returns><see langword="false"/> when the key has none.</returns>
    /// <exception cref="InvalidOperationException">A window was given and the store has none, or the other way round.</exception>
    bool TryGet(long? windowStartMs, ReadOnlySpan<byte> key, out T state);
}
