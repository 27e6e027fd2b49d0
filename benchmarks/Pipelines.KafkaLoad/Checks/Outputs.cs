using System.Buffers.Binary;
using Pipelines.Execution;
using Pipelines.Kafka;
using Pipelines.KafkaLoad.Contestants;
using Pipelines.KafkaLoad.Detectors;
using Pipelines.KafkaLoad.Loads;
using Pipelines.Loads.Brokers;
using Pipelines.Runtime.Clients;

namespace Pipelines.KafkaLoad.Checks;

/// <summary>Reads what a contestant has written, read-committed, and compares it with what the events make right.</summary>
internal static class Outputs
{
    /// <summary>Throws when the outputs are not what <paramref name="records"/> events come to.</summary>
    internal static async Task CheckAsync(BrokerProcess broker, Contestant contestant, Job job, int partitions, long records)
    {
        bool isOurs = contestant is OurHost;
        string topic = contestant.Output(job);
        if (job == Job.Copy || job == Job.Join)
        {
            // Each amount is its event's number: the sum tells a lost and a repeated one apart from none.
            long count = 0, sum = 0;
            await ReadAsync(broker, topic, partitions, (batch, entry) =>
            {
                count++;
                sum += job == Job.Copy ? CopyOf(batch, entry) : isOurs ? OurJoinOf(batch, entry) : JoinOf(batch, entry);
            });
            Expect(count == records && sum == records * (records - 1) / 2, contestant, job, $"{count} outputs whose numbers come to {sum}, but {records} whose numbers come to {records * (records - 1) / 2} are right");
            return;
        }

        // The last count of each key, or of each key and window, is what stays; they come to the number of events.
        var last = new Dictionary<(long Key, long From), long>();
        await ReadAsync(broker, topic, partitions, (batch, entry) =>
        {
            (long key, long from, long count) = isOurs ? OurCountOf(job, batch, entry) : CountOf(batch, entry);
            last[(key, from)] = count;
        });
        long total = last.Values.Sum();
        Expect(total == records, contestant, job, $"counts that come to {total}, but {records} is right");
    }

    private static async Task ReadAsync(BrokerProcess broker, string topic, int partitions, Action<RecordBatch, RecordEntry> handler)
    {
        await using var reader = new KafkaBroker(new KafkaOptions { Bootstrap = [("127.0.0.1", broker.Port)] });
        for (int partition = 0; partition < partitions; partition++) await new RecordReader(reader, topic, partition).ReadToEndAsync(handler);
    }

    private static long CopyOf(RecordBatch batch, RecordEntry entry)
    {
        // Both write the event's value as it came.
        Event.Read(batch.Bytes, in entry, out Event one);
        return Events.NumberOf(one.Amount);
    }

    private static long OurJoinOf(RecordBatch batch, RecordEntry entry)
    {
        Joined.Read(batch.Bytes, in entry, out Joined joined);
        return joined.Level == Events.LevelOf(joined.Account) ? Events.NumberOf(joined.Amount) : throw Wrong(joined.Account, joined.Level);
    }

    private static long JoinOf(RecordBatch batch, RecordEntry entry)
    {
        RecordEntry eventPart = entry with { ValueLength = Events.ValueBytes };
        RecordEntry rowPart = entry with { ValueStart = entry.ValueStart + Events.ValueBytes, ValueLength = entry.ValueLength - Events.ValueBytes };
        Event.Read(batch.Bytes, in eventPart, out Event one);
        Account.Read(batch.Bytes, in rowPart, out Account row);
        return row.Level == Events.LevelOf(one.Account) ? Events.NumberOf(one.Amount) : throw Wrong(one.Account, row.Level);
    }

    private static (long Key, long From, long Count) OurCountOf(Job job, RecordBatch batch, RecordEntry entry)
    {
        if (job == Job.Count)
        {
            Total.Read(batch.Bytes, in entry, out Total total);
            return (total.Account, 0, total.Count);
        }

        WindowTotal.Read(batch.Bytes, in entry, out WindowTotal window);
        return (window.Account, window.From.ToUnixTimeMilliseconds(), window.Count);
    }

    private static (long Key, long From, long Count) CountOf(RecordBatch batch, RecordEntry entry)
    {
        ReadOnlySpan<byte> key = batch.Key(in entry);
        long from = key.Length > sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(key[sizeof(long)..]) : 0;
        return (BinaryPrimitives.ReadInt64BigEndian(key), from, BinaryPrimitives.ReadInt64BigEndian(batch.Value(in entry)));
    }

    private static void Expect(bool isRight, Contestant contestant, Job job, string what)
    {
        if (!isRight) throw new InvalidOperationException($"{contestant.Name}, {job.Title}: {what}. Nothing is reported for what does not work.");
    }

    private static InvalidOperationException Wrong(long account, long level) => new($"Account {account} was joined with level {level}.");
}
