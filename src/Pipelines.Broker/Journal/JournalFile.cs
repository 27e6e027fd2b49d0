using System.Buffers.Binary;
using System.Text;
using Pipelines.Broker.Disk;
using Pipelines.Broker.Recovery;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Journal;

/// <summary>The engine's own log: topics, producers, offsets, the decisions about transactions, and what is known to be durable.</summary>
/// <remarks>
/// An entry is its length, its CRC-32C and its bytes. The end is torn off where an entry is incomplete. Entries behind a hole that say
/// the hole was durable mean damage, and the engine does not start.
/// </remarks>
internal sealed class JournalFile : IDisposable
{
    /// <summary>The journal's file.</summary>
    internal const string Name = "journal";

    private const string NewName = "journal.new";
    private const int FrameBytes = 8;

    /// <summary>What may be lost of hints in a power cut.</summary>
    private const int MostHintBytes = 16 * 1024;

    private readonly IDisk disk;
    private readonly MemoryStream scratch = new();
    private int hintBytes;
    private long factsLength;
    private long provenLength;
    private readonly BinaryWriter writer;
    private IDiskFile file;

    private JournalFile(IDisk disk, IDiskFile file)
    {
        this.disk = disk;
        this.file = file;
        writer = new BinaryWriter(scratch, Encoding.UTF8);
    }

    /// <summary>The bytes of whole entries.</summary>
    internal long Length { get; private set; }

    /// <summary>True when an entry says of all facts before it that they are durable: damage to them is no torn end.</summary>
    internal bool IsProven => factsLength <= provenLength;

    /// <summary>True when something was written since the last flush began that has to be durable, or many hints.</summary>
    internal bool IsDirty { get; private set; }

    /// <summary>True when hints were written since the last flush began.</summary>
    internal bool HasHints => hintBytes > 0;

    /// <summary>Opens the journal, or makes an empty one.</summary>
    /// <returns>The journal and its entries.</returns>
    internal static (JournalFile Journal, List<JournalEntry> Entries) Open(IDisk disk, RecoveryReport report)
    {
        disk.Delete(NewName);
        var journal = new JournalFile(disk, disk.Open(Name, create: true));
        try
        {
            // Also when it was there: a crash may have come between its creation and this flush.
            disk.FlushFolder("");
            return (journal, journal.Read(report));
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>True when the folder has a journal.</summary>
    internal static bool IsIn(IDisk disk) => disk.Exists(Name);

    internal void Append(JournalEntry entry)
    {
        Write(entry);
        factsLength = Length;
        IsDirty = true;
    }

    /// <summary>Appends what only makes the next start surer: nobody waits for its flush, and it comes with that of others.</summary>
    internal void AppendHint(Flushed entry)
    {
        hintBytes += Write(entry);
        provenLength = entry.JournalLength;
        if (hintBytes > MostHintBytes) IsDirty = true;
    }

    /// <summary>Hints have waited long enough.</summary>
    internal void FlushHints() => IsDirty |= HasHints;

    /// <summary>What was written so far belongs to the flush that follows.</summary>
    internal void TakeDirty()
    {
        IsDirty = false;
        hintBytes = 0;
    }

    internal ValueTask FlushAsync() => file.FlushAsync();

    /// <summary>Replaces the journal with one that holds only these entries. It takes the name when it is durable, so its mark of flushes covers all before itself.</summary>
    internal async ValueTask RewriteAsync(IEnumerable<JournalEntry> entries)
    {
        disk.Delete(NewName);
        IDiskFile fresh = disk.Open(NewName, create: true);
        long length = 0;
        foreach (JournalEntry entry in entries)
        {
            byte[] frame = Frame(entry is Flushed flushed ? flushed with { JournalLength = length } : entry);
            fresh.Write(frame, length);
            length += frame.Length;
        }

        await fresh.FlushAsync();
        disk.Rename(NewName, Name);
        disk.FlushFolder("");
        file.Dispose();
        file = fresh;
        Length = factsLength = provenLength = length;
        TakeDirty();
    }

    public void Dispose() => file.Dispose();

    private int Write(JournalEntry entry)
    {
        byte[] frame = Frame(entry);
        file.Write(frame, Length);
        Length += frame.Length;
        return frame.Length;
    }

    private byte[] Frame(JournalEntry entry)
    {
        scratch.SetLength(0);
        JournalCodec.Write(writer, entry);
        writer.Flush();
        byte[] frame = new byte[FrameBytes + (int)scratch.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, (int)scratch.Length);
        scratch.GetBuffer().AsSpan(0, (int)scratch.Length).CopyTo(frame.AsSpan(FrameBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), Crc32C.Compute(frame.AsSpan(FrameBytes)));
        return frame;
    }

    private List<JournalEntry> Read(RecoveryReport report)
    {
        byte[] bytes = new byte[file.Length];
        int length = file.Read(bytes, 0);
        var entries = new List<JournalEntry>();
        int position = 0;
        while (TryRead(bytes.AsSpan(0, length), position, out int size))
        {
            JournalEntry entry = JournalCodec.Read(bytes.AsMemory(position + FrameBytes, size));
            entries.Add(entry);
            position += FrameBytes + size;
            if (entry is Flushed flushed) provenLength = Math.Max(provenLength, flushed.JournalLength);
            else factsLength = position;
        }

        Length = position;
        // Read from the system's cache perhaps: what is decided by it has to be on the disk.
        IsDirty = true;
        if (position == length) return entries;
        CheckBehind(bytes.AsSpan(0, length), position);
        report.Add(new TornEnd(Name, position, length - position, "an entry is incomplete", 0));
        file.SetLength(position);
        return entries;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, int position, out int size)
    {
        size = 0;
        if (bytes.Length - position < FrameBytes) return false;
        size = BinaryPrimitives.ReadInt32LittleEndian(bytes[position..]);
        if (size <= 0 || size > bytes.Length - position - FrameBytes) return false;
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[(position + 4)..]) == Crc32C.Compute(bytes.Slice(position + FrameBytes, size));
    }

    private static void CheckBehind(ReadOnlySpan<byte> bytes, int hole)
    {
        for (int at = hole + 1; at + FrameBytes < bytes.Length; at++)
        {
            // Only an entry that tells of durability can prove that the hole is damage.
            if (bytes[at + FrameBytes] != JournalCodec.FlushedType || !TryRead(bytes, at, out int size)) continue;
            if (JournalCodec.Read(bytes.Slice(at + FrameBytes, size).ToArray()) is Flushed flushed && flushed.JournalLength > hole)
                throw new CorruptLogException(Name, hole, "an entry is damaged");
        }
    }
}
