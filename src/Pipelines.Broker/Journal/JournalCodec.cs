using System.Text;
using Pipelines.Broker.Log;

namespace Pipelines.Broker.Journal;

/// <summary>Journal entries as bytes: a type, then the fields in order, little-endian, strings as UTF-8 with their length.</summary>
internal static class JournalCodec
{
    /// <summary>The type of <see cref="Flushed"/> entries.</summary>
    internal const byte FlushedType = 6;

    internal static void Write(BinaryWriter target, JournalEntry entry)
    {
        switch (entry)
        {
            case TopicCreated created:
                target.Write((byte)1);
                target.Write(created.Name);
                target.Write(created.Id.ToByteArray());
                target.Write(created.Partitions);
                Write(target, created.Settings);
                break;
            case TopicDeleted deleted:
                target.Write((byte)10);
                target.Write(deleted.Name);
                target.Write(deleted.Id.ToByteArray());
                break;
            case PartitionsCreated created:
                target.Write((byte)11);
                target.Write(created.Name);
                target.Write(created.Partitions);
                break;
            case TopicAltered altered:
                target.Write((byte)12);
                target.Write(altered.Name);
                Write(target, altered.Settings);
                break;
            case LogStartMoved moved:
                target.Write((byte)13);
                Write(target, moved.Partition);
                target.Write(moved.Offset);
                break;
            case ProducerOpened opened:
                target.Write((byte)2);
                target.Write(opened.TransactionalId);
                target.Write(opened.ProducerId);
                target.Write(opened.Epoch);
                target.Write(opened.TimeoutMs);
                target.Write(opened.FormerId);
                target.Write(opened.FormerEpoch);
                target.Write((byte)(Code(opened.LastCommitted) | (Code(opened.FormerCommitted) << 2)));
                break;
            case OffsetsCommitted committed:
                target.Write((byte)3);
                target.Write(committed.Group);
                Write(target, committed.Offsets);
                break;
            case TransactionPrepared prepared:
                target.Write((byte)20);
                target.Write(prepared.Number);
                target.Write(prepared.ProducerId);
                target.Write(prepared.Epoch);
                target.Write(prepared.Groups.Count);
                foreach (GroupOffsets group in prepared.Groups)
                {
                    target.Write(group.Group);
                    Write(target, group.Offsets);
                }

                Write(target, prepared.Ends);
                target.Write(prepared.NextId);
                target.Write(prepared.NextEpoch);
                break;
            case TransactionGivenUp givenUp:
                target.Write((byte)5);
                target.Write(givenUp.Number);
                break;
            case Flushed flushed:
                target.Write(FlushedType);
                target.Write(flushed.JournalLength);
                Write(target, flushed.Ends);
                break;
            case TransactionGrown grown:
                target.Write((byte)7);
                target.Write(grown.ProducerId);
                target.Write(grown.Epoch);
                target.Write(grown.Partitions.Count);
                foreach (TopicPartition partition in grown.Partitions) Write(target, partition);
                target.Write(grown.Group);
                Write(target, grown.Offsets);
                break;
            case TransactionAborted aborted:
                target.Write((byte)8);
                target.Write(aborted.ProducerId);
                target.Write(aborted.Epoch);
                break;
            case LogShortened shortened:
                target.Write((byte)9);
                Write(target, shortened.End.Partition);
                target.Write(shortened.End.EndOffset);
                break;
            case LogCompacted compacted:
                target.Write((byte)14);
                Write(target, compacted.Partition);
                target.Write(compacted.Number);
                target.Write(compacted.BaseOffset);
                target.Write(compacted.EndOffset);
                target.Write(compacted.Size);
                break;
            case ClusterNamed named:
                target.Write((byte)15);
                target.Write(named.Id);
                break;
            default:
                if (GroupEntryCodec.TryWrite(target, entry) || SecurityEntryCodec.TryWrite(target, entry)) break;
                throw new InvalidOperationException($"Journal entry '{entry.GetType().Name}' has no encoding; add one to {nameof(JournalCodec)}.");
        }
    }

    internal static JournalEntry Read(ReadOnlyMemory<byte> bytes)
    {
        using var source = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        byte type = source.ReadByte();
        return type switch
        {
            1 => new TopicCreated(source.ReadString(), new Guid(source.ReadBytes(16)), source.ReadInt32(), ReadSettings(source)),
            2 => ReadOpened(source),
            3 => new OffsetsCommitted(source.ReadString(), ReadOffsets(source)),
            // Of one group, and without a next epoch: written before transactions of version 2 were known.
            4 => new TransactionPrepared(source.ReadInt64(), source.ReadInt64(), source.ReadInt16(), [new GroupOffsets(source.ReadString(), ReadOffsets(source))], ReadEnds(source)),
            5 => new TransactionGivenUp(source.ReadInt64()),
            FlushedType => new Flushed(source.ReadInt64(), ReadEnds(source)),
            7 => new TransactionGrown(source.ReadInt64(), source.ReadInt16(), ReadPartitions(source), source.ReadString(), ReadOffsets(source)),
            8 => new TransactionAborted(source.ReadInt64(), source.ReadInt16()),
            9 => new LogShortened(new PartitionEnd(ReadPartition(source), source.ReadInt64())),
            10 => new TopicDeleted(source.ReadString(), new Guid(source.ReadBytes(16))),
            11 => new PartitionsCreated(source.ReadString(), source.ReadInt32()),
            12 => new TopicAltered(source.ReadString(), ReadSettings(source)),
            13 => new LogStartMoved(ReadPartition(source), source.ReadInt64()),
            14 => new LogCompacted(ReadPartition(source), source.ReadInt64(), source.ReadInt64(), source.ReadInt64(), source.ReadInt64()),
            15 => new ClusterNamed(source.ReadString()),
            20 => new TransactionPrepared(source.ReadInt64(), source.ReadInt64(), source.ReadInt16(), ReadGroups(source), ReadEnds(source), source.ReadInt64(), source.ReadInt16()),
            _ => GroupEntryCodec.TryRead(type, source) ?? SecurityEntryCodec.TryRead(type, source) ?? throw new InvalidDataException($"Journal entry of type {type} is not known to this version. Start the version that wrote the folder, or a later one."),
        };
    }

    private static void Write(BinaryWriter target, IReadOnlyList<GroupOffset> offsets)
    {
        target.Write(offsets.Count);
        foreach (GroupOffset offset in offsets)
        {
            Write(target, offset.Partition);
            target.Write(offset.Offset);
            target.Write(offset.LeaderEpoch);
            target.Write(offset.Metadata);
        }
    }

    private static void Write(BinaryWriter target, IReadOnlyList<PartitionEnd> ends)
    {
        target.Write(ends.Count);
        foreach (PartitionEnd end in ends)
        {
            Write(target, end.Partition);
            target.Write(end.EndOffset);
        }
    }

    private static void Write(BinaryWriter target, TopicPartition partition)
    {
        target.Write(partition.Topic);
        target.Write(partition.Partition);
    }

    internal static void Write(BinaryWriter target, IReadOnlyDictionary<string, string> settings)
    {
        target.Write(settings.Count);
        foreach ((string name, string value) in settings)
        {
            target.Write(name);
            target.Write(value);
        }
    }

    internal static Dictionary<string, string> ReadSettings(BinaryReader source)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int left = source.ReadInt32(); left > 0; left--) settings.Add(source.ReadString(), source.ReadString());
        return settings;
    }

    private static int Code(bool? value) => value switch { null => 0, false => 1, true => 2 };

    private static bool? Decode(int code) => code switch { 0 => null, 1 => false, _ => true };

    private static ProducerOpened ReadOpened(BinaryReader source)
    {
        var opened = new ProducerOpened(source.ReadString(), source.ReadInt64(), source.ReadInt16(), source.ReadInt64(), source.ReadInt64(), source.ReadInt16(), null);
        byte ends = source.ReadByte();
        return opened with { LastCommitted = Decode(ends & 3), FormerCommitted = Decode(ends >> 2) };
    }

    private static List<GroupOffsets> ReadGroups(BinaryReader source)
    {
        var groups = new List<GroupOffsets>();
        for (int left = source.ReadInt32(); left > 0; left--) groups.Add(new GroupOffsets(source.ReadString(), ReadOffsets(source)));
        return groups;
    }

    private static List<GroupOffset> ReadOffsets(BinaryReader source)
    {
        var offsets = new List<GroupOffset>();
        for (int left = source.ReadInt32(); left > 0; left--)
            offsets.Add(new GroupOffset(ReadPartition(source), source.ReadInt64(), source.ReadInt32(), source.ReadString()));
        return offsets;
    }

    private static List<PartitionEnd> ReadEnds(BinaryReader source)
    {
        var ends = new List<PartitionEnd>();
        for (int left = source.ReadInt32(); left > 0; left--) ends.Add(new PartitionEnd(ReadPartition(source), source.ReadInt64()));
        return ends;
    }

    private static List<TopicPartition> ReadPartitions(BinaryReader source)
    {
        var partitions = new List<TopicPartition>();
        for (int left = source.ReadInt32(); left > 0; left--) partitions.Add(ReadPartition(source));
        return partitions;
    }

    private static TopicPartition ReadPartition(BinaryReader source) => new(source.ReadString(), source.ReadInt32());
}
