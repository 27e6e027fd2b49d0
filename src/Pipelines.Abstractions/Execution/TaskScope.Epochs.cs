using System.Buffers.Binary;
using Pipelines.Topology;

namespace Pipelines.Execution;

/// <content>Epochs: what is written, sealed, acknowledged, undone and restored.</content>
public sealed partial class TaskScope
{
    // Sequences are 32 bits in every slot of a store; long before they run out the stamps are cleared, at a seal.
    private const uint StampLimit = 4_000_000_000;

    private readonly List<OutputPartition> outputs = [];
    private readonly List<StoreBase> stores = [];
    private readonly List<OutletBase> wires = [];
    private readonly List<(OutputDefinition Definition, OutputPartition[] Partitions, long[] Told)> internals = [];
    private readonly OutputPartition changelog;
    private readonly StreamTime time;

    /// <summary>What the task writes; after <see cref="Seal"/>, <see cref="OutputPartition.Sealed"/> of each is the epoch's part.</summary>
    public IReadOnlyList<OutputPartition> Outputs => outputs;

    /// <summary>The component's stores.</summary>
    public IReadOnlyList<StoreBase> Stores => stores;

    /// <summary>The bytes that the open epoch has to write so far.</summary>
    public long OpenBytes
    {
        get
        {
            long sum = 0;
            foreach (OutputPartition output in outputs) sum += output.Open.Length;
            return sum;
        }
    }

    /// <summary>The bytes that the sealed epoch still holds: those that the broker has are let go.</summary>
    public long SealedBytes
    {
        get
        {
            long sum = 0;
            foreach (OutputPartition output in outputs) sum += output.Sealed.HeldBytes;
            return sum;
        }
    }

    /// <summary>The stream time of an input, Unix milliseconds; <see cref="long.MinValue"/> before its first record.</summary>
    public long InputTime(int input) => time.Of(input);

    /// <summary>True when stream time has moved since the last seal and somebody needs to be told: a store's changelog or an internal topic.</summary>
    public bool HasTimeToTell => time.Moved && (internals.Count > 0 || stores.Count > 0);

    /// <summary>The input's partition has been read to its end and empty for the idle bound, or is no longer.</summary>
    /// <remarks>May make windows due: call <see cref="DetectorTask.Close"/> when <see cref="CloseDue"/>.</remarks>
    public void SetIdle(int input, bool isIdle) => time.SetIdle(input, isIdle);

    /// <summary>Moves an external input's stream time without a record; for tests on virtual time.</summary>
    public void AdvanceTime(int input, long timeMs) => time.Observe(input, timeMs);

    /// <summary>Ends the open epoch at a record boundary: its changes go to the changelog, its outputs are complete, the next epoch begins.</summary>
    /// <exception cref="InvalidOperationException">An epoch is sealed and neither acknowledged nor undone.</exception>
    public void Seal(long nowMs)
    {
        if (IsSealed) throw new InvalidOperationException("An epoch of this task is already in flight; acknowledge it or roll it back before the next is sealed.");
        undo.Sequence++;
        SealTime(nowMs);
        var sink = new Changelog(changelog, nowMs);
        foreach (StoreBase store in stores) store.Seal(sink);
        foreach (OutputPartition output in outputs) output.Seal();
        time.Seal();
        IsSealed = true;
        if (undo.Sequence > StampLimit)
        {
            foreach (StoreBase store in stores) store.ResetStamps();
            undo.Sequence = 1;
        }

        undo.EpochStart = undo.Sequence + 1;
    }

    /// <summary>True between <see cref="Seal"/> and the acknowledgement or roll-back.</summary>
    public bool IsSealed { get; private set; }

    /// <summary>The sealed epoch is committed.</summary>
    public void Acknowledge()
    {
        if (!IsSealed) return;
        foreach (StoreBase store in stores) store.Acknowledge();
        foreach (OutputPartition output in outputs) output.ClearSealed();
        time.Acknowledge();
        IsSealed = false;
    }

    /// <summary>Undoes everything since the last seal.</summary>
    public void RollbackOpen()
    {
        foreach (OutletBase wire in wires) wire.Clear();
        foreach (StoreBase store in stores) store.RollbackOpen();
        foreach (OutputPartition output in outputs) output.RollbackOpen();
        time.RollbackOpen();
        ForgetTold();
        attempts = 0;
        undo.Sequence++;
        if (Status == ScopeStatus.Retrying) Status = ScopeStatus.Running;
    }

    /// <summary>Undoes the open epoch and the sealed one, whose commit failed.</summary>
    public void Rollback()
    {
        RollbackOpen();
        if (!IsSealed) return;
        foreach (StoreBase store in stores) store.RollbackSealed();
        foreach (OutputPartition output in outputs) output.ClearSealed();
        time.RollbackSealed();
        IsSealed = false;
        undo.Sequence++;
    }

    /// <summary>Puts one changelog record back into its store, and asks for the state of one that comes soon.</summary>
    /// <param name="batch">Records of the changelog.</param>
    /// <param name="index">Which of them.</param>
    /// <returns><see langword="false"/> when the record belongs to no store of this component.</returns>
    /// <exception cref="RecordFormatException">The state does not decode as the store's type.</exception>
    public bool Restore(RecordBatch batch, int index)
    {
        ref RecordEntry entry = ref batch.Entries[index];
        ReadOnlySpan<byte> key = batch.Key(in entry);
        if (key.Length < 4) return false;
        uint id = BinaryPrimitives.ReadUInt32BigEndian(key);
        if (id == 0)
        {
            if (key.Length != 12 || BinaryPrimitives.ReadUInt64BigEndian(key[4..]) != Hash(Component.Name)) return false;
            time.Restore(batch.Value(in entry));
            return true;
        }

        foreach (StoreBase store in stores)
        {
            if (store.Id != id) continue;
            // Records of one store mostly lie together.
            if (index + LookAhead < batch.Count && batch.Key(in batch.Entries[index + LookAhead]) is { Length: >= 4 } next) store.PrefetchRestored(next[4..]);
            store.Restore(key[4..], batch.Value(in entry), entry.ValueLength < 0);
            return true;
        }

        return false;
    }

    internal void RollbackRecord()
    {
        foreach (OutletBase wire in wires) wire.Clear();
        if (!options.Undoes) return;
        foreach (StoreBase store in stores) store.RollbackRecord();
        foreach (OutputPartition output in outputs) output.RollbackRecord();
    }

    internal void Add(OutputPartition output) => outputs.Add(output);

    internal void Add(OutletBase wire) => wires.Add(wire);

    internal void Add(StoreBase store) => stores.Add(store);

    internal void Add(WindowStoreBase store, StoreDefinition definition)
    {
        stores.Add(store);
        time.Add(store.Group, definition.Inputs);
    }

    internal void AddInternal(OutputDefinition definition, OutputPartition[] partitions) =>
        internals.Add((definition, partitions, [StreamTime.Unknown, 0]));

    private void ForgetTold()
    {
        // Markers of an epoch that is undone are not on the broker: the next seal tells the time again.
        foreach ((_, _, long[] told) in internals) told[0] = StreamTime.Unknown;
    }

    private void SealTime(long nowMs)
    {
        foreach ((OutputDefinition definition, OutputPartition[] partitions, long[] told) in internals)
        {
            (long at, bool isIdle) = time.Writer(definition);
            long idle = isIdle ? 1 : 0;
            if (at == told[0] && idle == told[1]) continue;
            (told[0], told[1]) = (at, idle);
            ReadOnlySpan<byte> header = MarkerHeader(at, isIdle);
            foreach (OutputPartition partition in partitions)
                partition.Append(nowMs, hasKey: false, key: default, hasValue: false, value: default, header, headerCount: 1);
        }

        if (!time.Moved || stores.Count == 0 && internals.Count == 0) return;
        Span<byte> key = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(key, 0);
        BinaryPrimitives.WriteUInt64BigEndian(key[4..], Hash(Component.Name));
        OutputValue.Clear();
        time.Write(OutputValue);
        changelog.Append(nowMs, hasKey: true, key, hasValue: true, OutputValue.Written, headers: default, headerCount: 0);
    }

    /// <summary>Writes a store's changes to the deployment's changelog.</summary>
    private sealed class Changelog(OutputPartition target, long nowMs) : ChangelogSink
    {
        internal override void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
            target.Append(nowMs, hasKey: true, key, hasValue: true, value, headers: default, headerCount: 0);

        internal override void Delete(ReadOnlySpan<byte> key) =>
            target.Append(nowMs, hasKey: true, key, hasValue: false, value: default, headers: default, headerCount: 0);
    }
}
