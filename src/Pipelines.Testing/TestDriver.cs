using System.Reflection;
using System.Text;
using Pipelines.Execution;
using Pipelines.Protocol.Records;
using Pipelines.Topology;

namespace Pipelines.Testing;

/// <summary>Runs the generated tasks of a deployment on virtual time without a broker: send records, let time pass, read what came of it.</summary>
/// <remarks>
/// Everything happens inside the call that causes it, on the caller's thread: when <see cref="Send{T}(in T)"/> returns, the record has been handled, through
/// internal topics too, and its epoch is committed. Not safe for several threads.
/// </remarks>
public sealed partial class TestDriver
{
    private const string DeadLetterTopic = "test.dead-letters";

    private readonly DeploymentTopology topology;
    private readonly IServiceProvider? services;
    private readonly int partitions;
    private readonly MemoryLog log = new();
    private readonly Dictionary<string, int[]> read = new(StringComparer.Ordinal);
    private readonly List<HandlerFailure> failures = [];
    private readonly List<DriverTask> tasks = [];
    private long nowMs;

    /// <summary>A driver for <paramref name="topology"/>.</summary>
    /// <param name="topology">What to run.</param>
    /// <param name="partitions">The partitions of every topic.</param>
    /// <param name="services">Makes detectors that are not static.</param>
    /// <param name="startTime">The virtual time at the start; 2025-01-01 UTC unless said.</param>
    public TestDriver(DeploymentTopology topology, int partitions = 1, IServiceProvider? services = null, DateTimeOffset? startTime = null)
    {
        ArgumentNullException.ThrowIfNull(topology);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        this.topology = topology;
        this.partitions = partitions;
        this.services = services;
        nowMs = (startTime ?? new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToUnixTimeMilliseconds();
        log.Ensure(DeadLetterTopic, 1);
        log.Ensure(Changelog, partitions);
        foreach (ComponentDefinition component in topology.Components)
        {
            foreach (InputDefinition input in component.Inputs) log.Ensure(input.Topic, partitions);
            foreach (OutputDefinition output in component.Outputs) log.Ensure(output.Topic, partitions);
        }

        CreateTasks();
    }

    /// <summary>A driver for the detectors of an assembly.</summary>
    public static TestDriver For(Assembly assembly, int partitions = 1, IServiceProvider? services = null, DateTimeOffset? startTime = null) =>
        new(DeploymentTopology.Of(assembly), partitions, services, startTime);

    /// <summary>The virtual time.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(nowMs);

    /// <summary>Every handler failure so far, in order.</summary>
    public IReadOnlyList<HandlerFailure> Failures => failures;

    /// <summary>Why the error contract stopped the deployment, or null while it runs.</summary>
    public Exception? StopReason { get; private set; }

    /// <summary>Sends a record to its topic; its timestamp is the virtual time.</summary>
    public void Send<T>(in T record)
        where T : struct, IRecord<T> => Send(in record, Now);

    /// <summary>Sends a record with a timestamp of its own.</summary>
    /// <exception cref="InvalidOperationException">No detector reads the record's topic.</exception>
    public void Send<T>(in T record, DateTimeOffset timestamp)
        where T : struct, IRecord<T>
    {
        var key = new EncodeBuffer();
        var value = new EncodeBuffer();
        if (T.HasKey) T.WriteKey(in record, key);
        T.WriteValue(in record, value);
        SendBytes(T.Schema.Topic, T.HasKey ? key.Written.ToArray() : null, value.Written.ToArray(), timestamp);
    }

    /// <summary>Sends bytes as they are, such as a record that does not decode, or a tombstone.</summary>
    /// <exception cref="InvalidOperationException">No detector reads or writes the topic.</exception>
    public void SendBytes(string topic, byte[]? key, byte[]? value, DateTimeOffset? timestamp = null)
    {
        if (!log.Has(topic)) ThrowUnknown(topic);
        int partition = key is null ? 0 : Murmur2.ToPartition(key, partitions);
        log.Partition(topic, partition).Add(new MemoryRecord(key, value, (timestamp ?? Now).ToUnixTimeMilliseconds(), [], 0));
        Pump();
    }

    /// <summary>Lets virtual time pass: the clock moves, and stream time with it, so windows close.</summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        AdvanceTo(Now + time);
    }

    /// <summary>Lets virtual time pass up to an instant.</summary>
    public void AdvanceTo(DateTimeOffset instant)
    {
        nowMs = Math.Max(nowMs, instant.ToUnixTimeMilliseconds());
        foreach (DriverTask task in tasks) task.AdvanceTime(nowMs);
        Commit();
        Pump();
    }

    /// <summary>The records of a topic that no earlier call has returned: by partition, in order.</summary>
    public IReadOnlyList<T> Read<T>()
        where T : struct, IRecord<T>
    {
        string topic = T.Schema.Topic;
        if (!log.Has(topic)) ThrowUnknown(topic);
        if (!read.TryGetValue(topic, out int[]? positions)) read.Add(topic, positions = new int[log.PartitionsOf(topic)]);
        var records = new List<T>();
        for (int partition = 0; partition < positions.Length; partition++)
        {
            RecordBatch batch = log.Read(topic, partition, positions[partition]);
            positions[partition] += batch.Count;
            foreach (RecordEntry entry in batch.Entries)
            {
                if (entry.ValueLength < 0) continue;
                T.Read(batch.Bytes, in entry, out T record);
                records.Add(record);
            }
        }

        return records;
    }

    /// <summary>The dead letters so far.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters
    {
        get
        {
            RecordBatch batch = log.Read(DeadLetterTopic, 0, 0);
            var letters = new List<DeadLetter>();
            foreach (RecordEntry entry in batch.Entries)
            {
                var headers = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (Execution.RecordHeader header in new RecordHeaders(batch.Bytes, in entry))
                    headers[Encoding.UTF8.GetString(header.Name)] = Encoding.UTF8.GetString(header.Value);
                MemoryRecord record = log.Partition(DeadLetterTopic, 0)[(int)entry.Offset];
                letters.Add(new DeadLetter(record.Key, record.Value, headers));
            }

            return letters;
        }
    }

    private string Changelog => $"test.{topology.Name}.changelog";

    private void ThrowUnknown(string topic) => throw new InvalidOperationException(
        $"No detector of '{topology.Name}' reads or writes topic '{topic}'. Its topics are: {string.Join(", ", log.Topics.Order(StringComparer.Ordinal))}.");
}
