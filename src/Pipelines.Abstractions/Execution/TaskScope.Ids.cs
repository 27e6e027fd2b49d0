using System.Buffers.Binary;

namespace Pipelines.Execution;

/// <content>Ids that a replay draws again.</content>
public sealed partial class TaskScope
{
    private readonly ulong idSeed;
    private ulong idCounter;

    /// <summary>A UUID version 8 (RFC 9562, section 5.8) drawn from the position of the record, or of the window and key that close, and a counter.</summary>
    internal Guid NewGuid()
    {
        ulong place;
        if (closing is { } store)
        {
            place = Mix(Mix(store.Id, (ulong)EventTime), Hash(store.CurrentKey));
        }
        else
        {
            place = Mix(Hash(Batch.Topic), (ulong)Batch.Entries[Position].Offset);
            place = Mix(place, (ulong)Batch.Partition);
        }

        ulong counter = idCounter++;
        ulong high = Mix(place ^ idSeed, counter);
        ulong low = Mix(high ^ 0x9E3779B97F4A7C15, place + counter);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static ulong Mix(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left ^ 0xA0761D6478BD642F, right ^ 0xE7037ED1A0B428DB, out ulong low);
        return high ^ low ^ right;
    }

    private static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in text) hash = (hash ^ letter) * 1099511628211;
        return hash;
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte next in bytes) hash = (hash ^ next) * 1099511628211;
        return hash;
    }
}
