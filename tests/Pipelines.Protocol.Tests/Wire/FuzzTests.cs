using System.Globalization;
using Pipelines.Protocol.Tests.Messages;
using Pipelines.Protocol.Wire;

namespace Pipelines.Protocol.Tests.Wire;

/// <summary>
/// Changed frames of all messages: each is read or is malformed, and costs no more memory than a multiple of its bytes.
/// <c>PIPELINES_FUZZ_FRAMES</c> and <c>PIPELINES_FUZZ_SEED</c> ask for more frames, or others.
/// </summary>
public sealed class FuzzTests
{
    /// <summary>The dearest is a structure of two bytes in the frame that has lists of its own in memory.</summary>
    private const int BytesPerByte = 150;
    private const int BytesPerFrame = 64 * 1024;
    private readonly int frames = Setting("PIPELINES_FUZZ_FRAMES", 200_000);
    private readonly Random random = new(Setting("PIPELINES_FUZZ_SEED", 1));

    [Fact]
    public void A_changed_frame_is_read_or_malformed_and_allocates_no_more_than_it_is_worth()
    {
        (MessagePart Part, short Version)[] all = [.. from part in Schema.Parts from version in part.Versions select (part, version)];
        int read = 0, malformed = 0;
        for (int i = 0; i < frames; i++)
        {
            (MessagePart part, short version) = all[i % all.Length];
            byte[] frame = Mutate(part.Write(new RandomMessage(part, random).Next(version), version));
            long before = GC.GetAllocatedBytesForCurrentThread();
            IMessage? message = TryRead(part, version, frame);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= BytesPerFrame + ((long)frame.Length * BytesPerByte), $"{part.Name} version {version}: {allocated} bytes for {frame.Length}: {Convert.ToHexString(frame)}");
            if (message is null)
            {
                malformed++;
                continue;
            }

            read++;
            // What was read can be written, and that is read as the same.
            byte[] written = part.Write(message, version);
            Assert.Equal(written, part.Write(part.Read(written, version), version));
        }

        Assert.True(read > frames / 20 && malformed > frames / 20, $"{read} were read, {malformed} were not.");
    }

    private static IMessage? TryRead(MessagePart part, short version, byte[] frame)
    {
        try
        {
            var reader = new MessageReader(frame, part.IsFlexible(version));
            IMessage message = part.New();
            message.Read(ref reader, version);
            return message;
        }
        catch (MalformedMessageException)
        {
            return null;
        }
        catch (Exception other)
        {
            Assert.Fail($"{part.Name} version {version}: {other.GetType()} for {Convert.ToHexString(frame)}\n{other}");
            return null;
        }
    }

    private static int Setting(string name, int normal) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : normal;

    private byte[] Mutate(byte[] frame)
    {
        for (int changes = random.Next(1, 4); changes > 0 && frame.Length > 0; changes--)
        {
            int at = random.Next(frame.Length);
            switch (random.Next(7))
            {
                case 0: frame[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: frame[at] = (byte)(random.Next(5) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, 3 => 0x80, _ => random.Next(256) }); break;
                case 2: frame = frame[..at]; break;
                case 3: frame = [.. frame[..at], (byte)random.Next(256), .. frame[at..]]; break;
                case 4: frame = [.. frame[..at], .. frame[random.Next(at + 1)..]]; break;
                case 5: frame.AsSpan(at, Math.Min(random.Next(1, 9), frame.Length - at)).Fill((byte)(random.Next(2) * 0xFF)); break;
                // As many small elements as fit: what costs the most for its bytes.
                default:
                    int rest = random.Next(20) == 0 ? 20_000 : 200;
                    byte[] count = random.Next(2) == 0 ? [0, 0, (byte)(rest >> 10), 0] : [(byte)(rest / 2 | 0x80), (byte)(rest / 2 >> 7)];
                    byte[] tail = new byte[rest];
                    tail.AsSpan().Fill((byte)random.Next(3));
                    frame = [.. frame[..at], .. count, .. tail];
                    break;
            }
        }

        return frame;
    }
}
