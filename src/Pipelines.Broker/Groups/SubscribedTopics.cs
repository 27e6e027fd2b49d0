using System.Buffers.Binary;
using System.Text;

namespace Pipelines.Broker.Groups;

/// <summary>The topics in a consumer's metadata.</summary>
/// <remarks>Source: consumer protocol, subscription v0-3: an int16 version, then an array of strings; what follows is of no interest here.</remarks>
internal static class SubscribedTopics
{
    /// <summary>Adds the topics; false when the bytes are no subscription.</summary>
    internal static bool TryAdd(ReadOnlySpan<byte> metadata, HashSet<string> topics)
    {
        if (metadata.Length < 6) return false;
        int count = BinaryPrimitives.ReadInt32BigEndian(metadata[2..]);
        metadata = metadata[6..];
        for (; count > 0; count--)
        {
            if (metadata.Length < 2) return false;
            int length = BinaryPrimitives.ReadInt16BigEndian(metadata);
            if (length < 0 || length > metadata.Length - 2) return false;
            topics.Add(Encoding.UTF8.GetString(metadata.Slice(2, length)));
            metadata = metadata[(2 + length)..];
        }

        return count == 0;
    }
}
