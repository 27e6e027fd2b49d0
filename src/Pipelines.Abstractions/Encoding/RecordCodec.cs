using System.ComponentModel;
using System.Runtime.CompilerServices;
using Pipelines.Execution;

namespace Pipelines;

/// <summary>Calls what the generator added to a record type, whatever names the type's own members have.</summary>
/// <remarks>
/// A record may have a member called <c>EventTime</c> or <c>Schema</c>; its own name then stands for the member. The compiler makes one copy of these methods
/// per record type and inlines it, so a call costs what a direct one costs.
/// </remarks>
/// <typeparam name="T">The record type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class RecordCodec<T>
    where T : struct, IRecord<T>
{
    /// <inheritdoc cref="IRecord{TSelf}.Schema"/>
    public static RecordSchema Schema
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => T.Schema;
    }

    /// <inheritdoc cref="IRecord{TSelf}.WriteKey"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteKey(in T record, EncodeBuffer target) => T.WriteKey(in record, target);

    /// <inheritdoc cref="IRecord{TSelf}.WriteValue"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteValue(in T record, EncodeBuffer target) => T.WriteValue(in record, target);

    /// <inheritdoc cref="IRecord{TSelf}.Read"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(byte[] buffer, in RecordEntry entry, out T record) => T.Read(buffer, in entry, out record);

    /// <inheritdoc cref="IRecord{TSelf}.EventTime"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long EventTime(in T record, long timestampMs) => T.EventTime(in record, timestampMs);
}
