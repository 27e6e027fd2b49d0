using Pipelines.KafkaLoad.Detectors;
using Pipelines.Loads.Brokers;
using Pipelines.Protocol.Records;

namespace Pipelines.KafkaLoad.Loads;

/// <summary>Writes events and the accounts' table.</summary>
internal sealed class Events
{
    /// <summary>The value of an event; with its key of 8 bytes it comes to 100.</summary>
    internal const int ValueBytes = 92;

    internal const string Topic = "events";
    internal const string Accounts = "accounts";

    /// <summary>Ids begin here, and amounts there, so that every record has the same size.</summary>
    internal const long FirstAccount = 1_000_000;

    private const long FirstAmount = 1L << 40;
    private const long LevelOfId = 7;

    /// <summary>Event times begin a while before now, and this many minutes are spread over the events.</summary>
    private const int Minutes = 10;

    private static readonly Text Note = new(new string('n', 75));
    private readonly EncodeBuffer key = new();
    private readonly EncodeBuffer value = new();
    private readonly Random random = new(1);

    /// <summary>The number of the event that has an amount.</summary>
    internal static long NumberOf(long amount) => amount - FirstAmount;

    /// <summary>The level of an account.</summary>
    internal static long LevelOf(long id) => id * LevelOfId;

    /// <summary>Fills the input: accounts at random, times in order.</summary>
    internal async Task FillAsync(BrokerProcess broker, int partitions, long records, int accounts)
    {
        await using PreparedTopic topic = await PreparedTopic.OpenAsync(broker, Topic, partitions);
        long first = Start();
        for (long i = 0; i < records; i++) await AddAsync(topic, first + (i * Minutes * 60_000 / records), FirstAccount + random.Next(accounts), i);
    }

    /// <summary>Adds an event for every account, which is how all keys come into a state.</summary>
    internal async Task FillOncePerAccountAsync(BrokerProcess broker, int partitions, int accounts)
    {
        await using PreparedTopic topic = await PreparedTopic.OpenAsync(broker, Topic, partitions);
        for (long i = 0; i < accounts; i++) await AddAsync(topic, Start(), FirstAccount + i, i);
    }

    /// <summary>Fills the table, with times before all events.</summary>
    internal async Task FillTableAsync(BrokerProcess broker, int partitions, int accounts)
    {
        await using PreparedTopic topic = await PreparedTopic.OpenAsync(broker, Accounts, partitions);
        for (long id = FirstAccount; id < FirstAccount + accounts; id++)
        {
            var row = new Account(id, LevelOf(id));
            key.Clear();
            value.Clear();
            Account.WriteKey(in row, key);
            Account.WriteValue(in row, value);
            await topic.AddAsync(Start() - 1, key.Written, value.Written);
        }
    }

    /// <summary>Adds one event with a number of its own.</summary>
    internal ValueTask AddAsync(PreparedTopic topic, long timestampMs, long account, long number)
    {
        Encode(account, number);
        return topic.AddAsync(timestampMs, key.Written, value.Written);
    }

    /// <summary>Adds one event to the batch of its partition.</summary>
    internal void Add(RecordBatchWriter[] batches, long timestampMs, long account, long number)
    {
        Encode(account, number);
        batches[Murmur2.ToPartition(key.Written, batches.Length)].Add(timestampMs, key.Written, value.Written);
    }

    private void Encode(long account, long number)
    {
        var one = new Event(account, FirstAmount + number, Note);
        key.Clear();
        value.Clear();
        Event.WriteKey(in one, key);
        Event.WriteValue(in one, value);
    }

    /// <summary>A round hour, so that windows and runs fall alike.</summary>
    private static long Start() => (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 3_600_000 * 3_600_000) - 3_600_000;
}
