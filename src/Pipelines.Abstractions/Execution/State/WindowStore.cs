using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Pipelines.Execution;

/// <summary>State per window and key. Windows are few at a time; each has a table of its own.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class WindowStore<T, TCodec> : WindowStoreBase, IStateReader<T>
    where TCodec : struct, IStateCodec<T>
{
    private readonly WindowTables<T> windows;
    private readonly EncodeBuffer key = new();
    private readonly EncodeBuffer value = new();
    private readonly KeyOrder<T> order = new();
    private WindowTable<T>? closing;
    private int cursor = -1;

    internal WindowStore(uint id, string name, long sizeMs, long graceMs, UndoScope undo) : base(id, name, sizeMs, graceMs) =>
        windows = new WindowTables<T>(undo, Group, sizeMs + graceMs);

    /// <inheritdoc/>
    public override int Count => windows.KeyCount;

    /// <inheritdoc/>
    public override long StateBytes => windows.Bytes;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> CurrentKey => closing!.States.Table.KeyAt(order[cursor]);

    /// <summary>The state that the closing cursor stands on.</summary>
    public ref readonly T Current => ref closing!.States.Table[order[cursor]].State;

    /// <summary>The state of a key in a window, default when new, to be changed in place; the reference is good until the next call.</summary>
    public ref T GetRef(long windowStartMs, ReadOnlySpan<byte> key) => ref windows.GetOrAdd(windowStartMs).States.GetRef(key);

    /// <summary>True when <see cref="Prefetch"/> is worth its time.</summary>
    public bool IsLarge => windows.Last?.States.Table.IsLarge ?? false;

    /// <summary>Asks for a key's state in the window used last to be in the processor's cache soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ReadOnlySpan<byte> key) => windows.Last?.States.Table.Prefetch(key);

    /// <summary>The state of a key in a window.</summary>
    /// <returns><see langword="false"/> when there is none; <paramref name="state"/> is default then.</returns>
    public bool TryGet(long windowStartMs, ReadOnlySpan<byte> key, out T state)
    {
        KeyTable<T>? table = windows.Find(windowStartMs)?.States.Table;
        int index = table?.Find(key) ?? -1;
        state = index < 0 ? default! : table![index].State;
        return index >= 0;
    }

    bool IStateReader<T>.TryGet(long? windowStartMs, ReadOnlySpan<byte> key, out T state) => windowStartMs is { } start
        ? TryGet(start, key, out state)
        : throw new InvalidOperationException($"Store '{Name}' has windows; say which one.");

    /// <summary>The oldest window that is due; its cursor stands before the first key.</summary>
    /// <returns><see langword="false"/> when none is due.</returns>
    public bool BeginClosing(out Window window)
    {
        closing = windows.Due(Group.Time);
        cursor = -1;
        window = closing is null ? default : new Window(closing.StartMs, closing.StartMs + SizeMs);
        return closing is not null;
    }

    /// <summary>Goes to the next key, in the order of the keys' bytes: a replay closes in the same order.</summary>
    public bool MoveNext()
    {
        if (cursor < 0) order.Sort(closing!.States.Table);
        return ++cursor < order.Count;
    }

    /// <summary>Lets go of the window that closes; undone with the epoch.</summary>
    public void EndClosing()
    {
        windows.Drop(closing!);
        closing = null;
    }

    internal override void WriteCurrent(EncodeBuffer target) => TCodec.Write(in Current, target);

    internal override void RollbackRecord() => windows.RollbackRecord();

    internal override void RollbackOpen() => windows.RollbackOpen();

    internal override void RollbackSealed() => windows.RollbackSealed();

    internal override void Acknowledge() => windows.Acknowledge();

    internal override void ResetStamps() => windows.ResetStamps();

    internal override void Seal(ChangelogSink changelog)
    {
        // Dropped windows first: a window made anew under the same start writes its keys after they were deleted.
        foreach (WindowTable<T> window in windows.Dropped)
        {
            BeginKey(window.StartMs);
            var deletions = new Deletions(changelog, key);
            window.States.VisitLogged(ref deletions);
            var nothing = default(Nothing);
            window.States.Seal(ref nothing);
        }

        foreach (WindowTable<T> window in windows.Open)
        {
            if (!window.States.HasChanges) continue;
            BeginKey(window.StartMs);
            var changes = new Changes(changelog, key, value);
            window.States.Seal(ref changes);
        }

        windows.Seal();
    }

    internal override void PrefetchRestored(ReadOnlySpan<byte> key)
    {
        if (key.Length > 8) Prefetch(key[8..]);
    }

    internal override void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isNull)
    {
        if (key.Length < 8) throw new RecordFormatException($"A changelog record of windowed store '{Name}' has a key of {key.Length} bytes after the store's number; the window's start takes 8.");
        long start = BinaryPrimitives.ReadInt64BigEndian(key);
        if (isNull)
        {
            windows.Remove(start, key[8..]);
            return;
        }

        TCodec.Read(value, out T state);
        windows.GetOrAdd(start).States.Put(key[8..], in state);
    }

    private void BeginKey(long windowStartMs)
    {
        BeginKey(key);
        BinaryPrimitives.WriteInt64BigEndian(key.GetSpan(8), windowStartMs);
        key.Advance(8);
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

    private readonly struct Deletions(ChangelogSink changelog, EncodeBuffer key) : IChangeSink<T>
    {
        private readonly int prefix = key.Length;

        public void Changed(ReadOnlySpan<byte> suffix, in T state)
        {
            key.Truncate(prefix);
            key.Write(suffix);
            changelog.Delete(key.Written);
        }
    }

    private readonly struct Nothing : IChangeSink<T>
    {
        public void Changed(ReadOnlySpan<byte> key, in T state)
        {
        }
    }
}
