using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Pipelines.Execution;

/// <summary>State per key.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class Store<T, TCodec> : StoreBase, IStateReader<T>
    where TCodec : struct, IStateCodec<T>
{
    private readonly StateTable<T> states;
    private readonly EncodeBuffer key = new();
    private readonly EncodeBuffer value = new();

    internal Store(uint id, string name, UndoScope undo) : base(id, name) => states = new StateTable<T>(undo);

    /// <inheritdoc/>
    public override int Count => states.Table.Count;

    /// <inheritdoc/>
    public override long StateBytes => states.Table.Bytes;

    /// <summary>The state of a key, default when new, to be changed in place; the reference is good until the next call.</summary>
    public ref T GetRef(ReadOnlySpan<byte> key) => ref states.GetRef(key);

    /// <summary>True when <see cref="Prefetch"/> is worth its time.</summary>
    public bool IsLarge => states.Table.IsLarge;

    /// <summary>Asks for a key's state to be in the processor's cache soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ReadOnlySpan<byte> key) => states.Table.Prefetch(key);

    /// <summary>The state of a key.</summary>
    /// <returns><see langword="false"/> when the key has none; <paramref name="state"/> is default then.</returns>
    public bool TryGet(ReadOnlySpan<byte> key, out T state)
    {
        int index = states.Table.Find(key);
        state = index < 0 ? default! : states.Table[index].State;
        return index >= 0;
    }

    bool IStateReader<T>.TryGet(long? windowStartMs, ReadOnlySpan<byte> key, out T state) => windowStartMs is null
        ? TryGet(key, out state)
        : throw new InvalidOperationException($"Store '{Name}' has no windows; ask for the key's state without one.");

    internal override void RollbackRecord() => states.RollbackRecord();

    internal override void RollbackOpen() => states.RollbackOpen();

    internal override void RollbackSealed() => states.RollbackSealed();

    internal override void Acknowledge() => states.Acknowledge();

    internal override void ResetStamps() => states.ResetStamps();

    internal override void Seal(ChangelogSink changelog)
    {
        BeginKey(key);
        var changes = new Changes(changelog, key, value);
        states.Seal(ref changes);
    }

    internal override void PrefetchRestored(ReadOnlySpan<byte> key) => states.Table.Prefetch(key);

    internal override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isNull)
    {
        if (isNull)
        {
            states.Remove(key);
            return;
        }

        TCodec.Read(value, out T state);
        states.Put(key, in state);
    }

    private readonly struct Changes(ChangelogSink changelog, EncodeBuffer key, EncodeBuffer value) : IChangeSink<T>
    {
        private readonly int prefix = key.Length;

        public void Changed(ReadOnlySpan<byte> suffix, in T state)
        {
            key.Truncate(prefix);
            key.Write(suffix);
            value.Clear();
            TCodec.Write(in state, value);
            changelog.Write(key.Written, value.Written);
        }
    }
}
