using System.ComponentModel;
using Pipelines.Execution;

namespace Pipelines;

/// <summary>What the generator adds to every record type: its codec, its key and its schema.</summary>
/// <typeparam name="TSelf">The record type itself.</typeparam>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public interface IRecord<TSelf>
    where TSelf : struct, IRecord<TSelf>
{
    /// <summary>Name, format, members and fingerprint of the record type.</summary>
    static abstract RecordSchema Schema { get; }

    /// <summary>True when at least one member is a key.</summary>
    static abstract bool HasKey { get; }

    /// <summary>Appends the key's bytes to <paramref name="target"/>; nothing when the type has no key.</summary>
    static abstract void WriteKey(in TSelf record, EncodeBuffer target);

    /// <summary>Appends the value's bytes to <paramref name="target"/>.</summary>
    static abstract void WriteValue(in TSelf record, EncodeBuffer target);

    /// <summary>Reads a record from the key and value that <paramref name="entry"/> points at in <paramref name="buffer"/>.</summary>
    /// <remarks>Members of type <see cref="Text"/> borrow the buffer.</remarks>
    /// <exception cref="RecordFormatException">The bytes are not such a record.</exception>
    static abstract void Read(byte[] buffer, in RecordEntry entry, out TSelf record);

    /// <summary>The record's event time in Unix milliseconds: its <c>[EventTime]</c> member, else <paramref name="timestampMs"/>.</summary>
    static abstract long EventTime(in TSelf record, long timestampMs);
}

/// <summary>Writes and reads one type of state; the generator makes one for each.</summary>
/// <typeparam name="T">The state's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public interface IStateCodec<T>
{
    /// <summary>Appends the state's bytes to <paramref name="target"/>.</summary>
    static abstract void Write(in T state, EncodeBuffer target);

    /// <summary>Reads the state from its bytes.</summary>
    /// <exception cref="RecordFormatException">The bytes are not such a state.</exception>
    static abstract void Read(ReadOnlySpan<byte> source, out T state);
}
