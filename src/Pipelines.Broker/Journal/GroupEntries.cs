using Pipelines.Broker.Groups;
using Pipelines.Broker.Log;

namespace Pipelines.Broker.Journal;

/// <summary>A group has begun a generation, has assigned it, or has got a static member back.</summary>
internal sealed record GroupSaved(GroupSnapshot Snapshot) : JournalEntry;

/// <summary>A group was deleted.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="KeepsOffsets">True when only its members' history is forgotten.</param>
internal sealed record GroupDeleted(string GroupId, bool KeepsOffsets) : JournalEntry;

/// <summary>Offsets of a group were deleted.</summary>
internal sealed record GroupOffsetsDeleted(string GroupId, IReadOnlyList<TopicPartition> Partitions) : JournalEntry;

/// <summary>A group's settings are these from now on.</summary>
internal sealed record GroupAltered(string GroupId, IReadOnlyDictionary<string, string> Settings) : JournalEntry;

/// <summary>The journal's entries about groups as bytes.</summary>
internal static class GroupEntryCodec
{
    internal const byte SavedType = 40;
    internal const byte DeletedType = 41;
    internal const byte OffsetsDeletedType = 42;
    internal const byte AlteredType = 43;

    /// <summary>False when the entry is of another kind.</summary>
    internal static bool TryWrite(BinaryWriter target, JournalEntry entry)
    {
        switch (entry)
        {
            case GroupSaved saved:
                target.Write(SavedType);
                Write(target, saved.Snapshot);
                return true;
            case GroupDeleted deleted:
                target.Write(DeletedType);
                target.Write(deleted.GroupId);
                target.Write(deleted.KeepsOffsets);
                return true;
            case GroupOffsetsDeleted deleted:
                target.Write(OffsetsDeletedType);
                target.Write(deleted.GroupId);
                target.Write(deleted.Partitions.Count);
                foreach (TopicPartition partition in deleted.Partitions)
                {
                    target.Write(partition.Topic);
                    target.Write(partition.Partition);
                }

                return true;
            case GroupAltered altered:
                target.Write(AlteredType);
                target.Write(altered.GroupId);
                JournalCodec.Write(target, altered.Settings);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads an entry of one of the types above, or null.</summary>
    internal static JournalEntry? TryRead(byte type, BinaryReader source) => type switch
    {
        SavedType => new GroupSaved(ReadSnapshot(source)),
        DeletedType => new GroupDeleted(source.ReadString(), source.ReadBoolean()),
        OffsetsDeletedType => new GroupOffsetsDeleted(source.ReadString(), ReadList(source, static source => new TopicPartition(source.ReadString(), source.ReadInt32()))),
        AlteredType => new GroupAltered(source.ReadString(), JournalCodec.ReadSettings(source)),
        _ => null,
    };

    private static void Write(BinaryWriter target, GroupSnapshot snapshot)
    {
        target.Write(snapshot.GroupId);
        target.Write(snapshot.Generation);
        target.Write(snapshot.ProtocolType);
        WriteNullable(target, snapshot.Protocol);
        WriteNullable(target, snapshot.Leader);
        target.Write(snapshot.IsAssigned);
        target.Write(snapshot.TimestampMs);
        target.Write(snapshot.Members.Count);
        foreach (MemberSnapshot member in snapshot.Members)
        {
            target.Write(member.MemberId);
            WriteNullable(target, member.InstanceId);
            target.Write(member.ClientId);
            target.Write(member.ClientHost);
            target.Write(member.SessionTimeout.Ticks);
            target.Write(member.RebalanceTimeout.Ticks);
            target.Write(member.Protocols.Count);
            foreach (GroupProtocol protocol in member.Protocols)
            {
                target.Write(protocol.Name);
                WriteBytes(target, protocol.Metadata);
            }

            WriteBytes(target, member.Assignment);
        }
    }

    private static GroupSnapshot ReadSnapshot(BinaryReader source) => new(
        source.ReadString(),
        source.ReadInt32(),
        source.ReadString(),
        ReadNullable(source),
        ReadNullable(source),
        source.ReadBoolean(),
        source.ReadInt64(),
        ReadList(source, static source => new MemberSnapshot(
            source.ReadString(),
            ReadNullable(source),
            source.ReadString(),
            source.ReadString(),
            new TimeSpan(source.ReadInt64()),
            new TimeSpan(source.ReadInt64()),
            ReadList(source, static source => new GroupProtocol(source.ReadString(), ReadBytes(source))),
            ReadBytes(source))));

    private static void WriteNullable(BinaryWriter target, string? text)
    {
        target.Write(text is not null);
        if (text is not null) target.Write(text);
    }

    private static string? ReadNullable(BinaryReader source) => source.ReadBoolean() ? source.ReadString() : null;

    private static void WriteBytes(BinaryWriter target, ReadOnlyMemory<byte> bytes)
    {
        target.Write(bytes.Length);
        target.Write(bytes.Span);
    }

    private static byte[] ReadBytes(BinaryReader source) => source.ReadBytes(source.ReadInt32());

    private static List<T> ReadList<T>(BinaryReader source, Func<BinaryReader, T> read)
    {
        var items = new List<T>();
        for (int left = source.ReadInt32(); left > 0; left--) items.Add(read(source));
        return items;
    }
}
