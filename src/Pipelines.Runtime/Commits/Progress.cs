using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipelines.Execution;
using Pipelines.Protocol.Records;

namespace Pipelines.Runtime.Commits;

/// <summary>How far each deployment has come in each input partition, as the compacted topic <c>{application}.progress</c> keeps it.</summary>
/// <remarks>
/// One record per input partition: the key is <c>topic/partition</c>, the value a JSON object of deployment names and next offsets,
/// so that ordinary Kafka tools can read it. The record is in the transaction whose outputs it accounts for, and its header <c>pipelines.commit</c> names that commit: a worker
/// whose commit failed on the way reads there whether it had happened.
/// </remarks>
internal sealed class Progress
{
    private readonly Dictionary<(string Topic, int Partition), SortedDictionary<string, long>> partitions = [];
    private readonly System.Buffers.ArrayBufferWriter<byte> scratch = new(256);

    private readonly Dictionary<(string Topic, int Partition), string> commits = [];

    private static ReadOnlySpan<byte> CommitHeader => "pipelines.commit"u8;

    /// <summary>The commit that last moved the partition, or null.</summary>
    internal string? CommitOf(string topic, int partition) => commits.GetValueOrDefault((topic, partition));

    /// <summary>Takes over what another knows of a partition.</summary>
    internal void Take(Progress other, string topic, int partition)
    {
        partitions.Remove((topic, partition));
        if (other.partitions.TryGetValue((topic, partition), out SortedDictionary<string, long>? offsets))
            partitions.Add((topic, partition), new SortedDictionary<string, long>(offsets, StringComparer.Ordinal));
    }

    /// <summary>The next offset of a deployment, or null when it has none there yet.</summary>
    internal long? Find(string deployment, string topic, int partition) =>
        partitions.TryGetValue((topic, partition), out SortedDictionary<string, long>? offsets) && offsets.TryGetValue(deployment, out long offset) ? offset : null;

    /// <summary>The least next offset of all deployments that know the partition, or null when none does.</summary>
    internal long? Least(string topic, int partition) =>
        partitions.TryGetValue((topic, partition), out SortedDictionary<string, long>? offsets) && offsets.Count > 0 ? offsets.Values.Min() : null;

    internal void Set(string deployment, string topic, int partition, long offset)
    {
        if (!partitions.TryGetValue((topic, partition), out SortedDictionary<string, long>? offsets))
            partitions.Add((topic, partition), offsets = new SortedDictionary<string, long>(StringComparer.Ordinal));
        offsets[deployment] = offset;
    }

    /// <summary>Appends the partition's record to <paramref name="target"/>.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="header">What <see cref="HeaderOf"/> made of the commit's name.</param>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="target">Gets the record.</param>
    internal void Write(string topic, int partition, ReadOnlySpan<byte> header, long nowMs, RecordBuffer target)
    {
        scratch.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(scratch))
        {
            json.WriteStartObject();
            foreach ((string deployment, long offset) in partitions[(topic, partition)]) json.WriteNumber(deployment, offset);
            json.WriteEndObject();
        }

        byte[] key = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{topic}/{partition}"));
        target.Append(nowMs, hasKey: true, key, hasValue: true, scratch.WrittenSpan, header, headerCount: 1);
    }

    /// <summary>The header that names a commit, as the record format frames it.</summary>
    internal static byte[] HeaderOf(string commit)
    {
        byte[] header = new byte[(2 * Varint.MaxInt32Bytes) + CommitHeader.Length + Encoding.UTF8.GetByteCount(commit)];
        int length = Varint.Write(header, CommitHeader.Length);
        CommitHeader.CopyTo(header.AsSpan(length));
        length += CommitHeader.Length;
        length += Varint.Write(header.AsSpan(length), Encoding.UTF8.GetByteCount(commit));
        return header[..(length + Encoding.UTF8.GetBytes(commit, header.AsSpan(length)))];
    }

    /// <summary>Takes in a record that was read from the topic.</summary>
    /// <exception cref="RecordFormatException">The record was not written by this class.</exception>
    internal void Read(RecordBatch batch, in RecordEntry entry)
    {
        string key = Encoding.UTF8.GetString(batch.Key(in entry));
        int slash = key.LastIndexOf('/');
        if (slash <= 0 || !int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int partition))
            throw Unreadable(batch, in entry, $"its key '{key}' is not 'topic/partition'", null);
        string topic = key[..slash];
        partitions.Remove((topic, partition));
        commits.Remove((topic, partition));
        if (entry.ValueLength < 0) return;
        if (new RecordHeaders(batch.Bytes, in entry).TryGet(CommitHeader, out ReadOnlySpan<byte> commit)) commits[(topic, partition)] = Encoding.UTF8.GetString(commit);
        try
        {
            var json = new Utf8JsonReader(batch.Value(in entry));
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string deployment = json.GetString()!;
                json.Read();
                Set(deployment, topic, partition, json.GetInt64());
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            throw Unreadable(batch, in entry, "its value is not a JSON object of offsets", malformed);
        }
    }

    private static RecordFormatException Unreadable(RecordBatch batch, in RecordEntry entry, string why, Exception? inner) => new(
        $"The record at {batch.Topic}/{batch.Partition} offset {entry.Offset} is no progress record: {why}. Something else writes to that topic; give the application a name of its own.", inner!);
}
