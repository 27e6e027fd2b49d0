using System.Buffers.Binary;

namespace Pipelines.Soak.Fuzzing;

/// <summary>Changes frames: flipped bits, other versions, lies about lengths and counts, cut ends.</summary>
internal sealed class Mutator(Random random)
{
    private const int VersionAt = 2;
    private static readonly byte[] Odd = [0, 1, 0x7F, 0x80, 0xFF, 0xFE];

    /// <summary>Changes a frame in one to three places; one in four stays as it is.</summary>
    internal byte[] Mutate(byte[] frame)
    {
        if (random.Next(4) == 0) return frame;
        byte[] changed = frame.AsSpan().ToArray();
        for (int changes = 1 + random.Next(3) * random.Next(2); changes > 0 && changed.Length > 0; changes--) changed = Change(changed);
        return changed;
    }

    private byte[] Change(byte[] frame)
    {
        int at = random.Next(frame.Length);
        switch (random.Next(10))
        {
            case 0 or 1:
                frame[at] ^= (byte)(1 << random.Next(8));
                return frame;
            case 2:
                frame[at] = Odd[random.Next(Odd.Length)];
                return frame;
            case 3:
                return frame[..at];
            case 4:
                if (frame.Length > VersionAt + 1) frame[VersionAt + 1] = (byte)random.Next(-1, 20);
                return frame;
            case 5:
                // A length or a count that is a lie.
                if (frame.Length - at >= sizeof(int)) BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(at), Lie(frame.Length - at));
                return frame;
            case 6:
                return [.. frame.AsSpan(0, at), .. Varint((uint)Lie(frame.Length - at)), .. frame.AsSpan(at)];
            case 7:
                return [.. frame.AsSpan(0, at), .. frame.AsSpan(random.Next(at + 1))];
            case 8:
                return [.. frame.AsSpan(0, at), .. frame.AsSpan(Math.Min(frame.Length, at + random.Next(1, 9)))];
            default:
                return random.Next(8) == 0 ? Crowd(frame, at) : [.. frame.AsSpan(0, at), (byte)random.Next(256), .. frame.AsSpan(at)];
        }
    }

    /// <summary>As many small elements as fit: what costs the most for its bytes.</summary>
    private byte[] Crowd(byte[] frame, int at)
    {
        byte[] tail = new byte[random.Next(8) == 0 ? 20_000 : 300];
        tail.AsSpan().Fill((byte)random.Next(3));
        int count = tail.Length / random.Next(1, 5);
        Span<byte> plain = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(plain, count);
        return random.Next(2) == 0 ? [.. frame.AsSpan(0, at), .. plain, .. tail] : [.. frame.AsSpan(0, at), .. Varint((uint)count + 1), .. tail];
    }

    private int Lie(int rest) => random.Next(7) switch
    {
        0 => -1,
        1 => int.MaxValue,
        2 => int.MinValue,
        3 => rest + random.Next(-2, 3),
        4 => 1_000_000,
        5 => -2,
        _ => random.Next(),
    };

    private static byte[] Varint(uint value)
    {
        var bytes = new List<byte>(5);
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
