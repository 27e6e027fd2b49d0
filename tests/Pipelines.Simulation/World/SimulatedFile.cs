namespace Pipelines.Simulation.World;

/// <summary>A file: what was written, and what of it is durable.</summary>
internal sealed class SimulatedFile
{
    private const int SectorBytes = 512;

    private readonly List<Change> unflushed = [];
    private readonly Content current = new();
    private readonly Content durable = new();

    /// <summary>A write, or a cut when there are no bytes.</summary>
    private readonly record struct Change(long Position, byte[]? Bytes);

    internal long Length => current.Length;

    /// <summary>The changes that are not durable.</summary>
    internal int Unflushed => unflushed.Count;

    internal int Read(Span<byte> target, long position)
    {
        ReadOnlySpan<byte> rest = current.Span[(int)Math.Min(position, current.Length)..];
        rest = rest[..Math.Min(target.Length, rest.Length)];
        rest.CopyTo(target);
        return rest.Length;
    }

    internal void Write(ReadOnlySpan<byte> source, long position)
    {
        var change = new Change(position, source.ToArray());
        current.Apply(change);
        unflushed.Add(change);
    }

    internal void SetLength(long length)
    {
        var change = new Change(length, null);
        current.Apply(change);
        unflushed.Add(change);
    }

    internal void Flush(int changes)
    {
        // A crash between the start of the flush and its end has replaced the list.
        changes = Math.Min(changes, unflushed.Count);
        for (int i = 0; i < changes; i++) durable.Apply(unflushed[i]);
        unflushed.RemoveRange(0, changes);
    }

    internal void LoseUnflushed(Random random, FaultCounts counts)
    {
        // A disk that kept everything, or nothing, is as likely as one that kept some.
        int mood = random.Next(4);
        foreach (Change change in unflushed)
        {
            bool isLost = mood switch { 0 => false, 1 => true, _ => random.Next(2) == 0 };
            if (isLost)
            {
                counts.LostWrites++;
                continue;
            }

            durable.Apply(change.Bytes is { Length: > 1 } bytes && random.Next(4) == 0 ? Torn(change, bytes, random, counts) : change);
        }

        unflushed.Clear();
        current.CopyFrom(durable);
    }

    private static Change Torn(Change change, byte[] bytes, Random random, FaultCounts counts)
    {
        counts.TornWrites++;
        int cut = random.Next(1, bytes.Length);
        // Sectors are whole; small writes are torn anywhere, which is harsher than disks are.
        if (cut > SectorBytes) cut -= cut % SectorBytes;
        return change with { Bytes = bytes[..cut] };
    }

    /// <summary>Bytes that grow.</summary>
    private sealed class Content
    {
        private byte[] bytes = [];

        internal int Length { get; private set; }

        internal ReadOnlySpan<byte> Span => bytes.AsSpan(0, Length);

        internal void Apply(Change change)
        {
            int end = (int)change.Position + (change.Bytes?.Length ?? 0);
            if (end > bytes.Length) Array.Resize(ref bytes, Math.Max(end, bytes.Length * 2));
            // What a cut leaves behind must read as zeros when the file grows over it.
            if (change.Bytes is null && end < Length) Array.Clear(bytes, end, Length - end);
            change.Bytes?.CopyTo(bytes, (int)change.Position);
            Length = change.Bytes is null ? end : Math.Max(Length, end);
        }

        internal void CopyFrom(Content other)
        {
            bytes = other.Span.ToArray();
            Length = other.Length;
        }
    }
}
