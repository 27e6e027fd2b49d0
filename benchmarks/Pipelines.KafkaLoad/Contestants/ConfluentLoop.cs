using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;

namespace Pipelines.KafkaLoad.Contestants;

/// <summary>Consume, process, produce by hand with Confluent.Kafka and transactions. It copies bytes as they are: nothing is decoded.</summary>
internal sealed record ConfluentLoop() : Contestant("Confluent.Kafka loop")
{
    /// <summary>The word that makes this program the loop.</summary>
    internal const string Verb = "confluent-loop";

    private const int QueuedMessages = 1_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal override string Application => "confluent";

    internal override string Output(Job job) => $"confluent-{job.Output}";

    internal override Worker Start(Assignment assignment) =>
        new("dotnet", [Environment.GetCommandLineArgs()[0], Verb, assignment.Broker.Address, Application, Output(assignment.Job), assignment.CommitMs]);

    /// <summary>What the process does.</summary>
    internal static int Run(string bootstrap, string group, string output, string commitMs)
    {
        bool isEnding = false;
        var asker = new Thread(() =>
        {
            while (Console.In.ReadLine() is not null) Said.Allocated();
            Volatile.Write(ref isEnding, true);
        }) { IsBackground = true };
        asker.Start();

        TimeSpan interval = TimeSpan.FromMilliseconds(double.Parse(commitMs, CultureInfo.InvariantCulture));
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrap,
            TransactionalId = group,
            LingerMs = 5,
            // The default makes the library wait 100 ms before it asks again for a transaction that is just being ended.
            RetryBackoffMs = 2,
            QueueBufferingMaxMessages = QueuedMessages,
            // Per record there is only what is looked at: failures come out of the commit.
            DeliveryReportFields = "none",
        }).Build();
        producer.InitTransactions(Patience);
        producer.BeginTransaction();
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrap,
            GroupId = group,
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
        }).SetPartitionsRevokedHandler((revoking, _) =>
        {
            Commit(revoking, producer);
            producer.BeginTransaction();
        }).Build();
        consumer.Subscribe(Loads.Events.Topic);
        long began = Stopwatch.GetTimestamp();
        while (!Volatile.Read(ref isEnding))
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(5)) is { } result) Send(producer, output, result.Message);
            if (Stopwatch.GetElapsedTime(began) < interval) continue;
            Commit(consumer, producer);
            producer.BeginTransaction();
            began = Stopwatch.GetTimestamp();
        }

        consumer.Close();
        return 0;
    }

    private static void Send(IProducer<byte[], byte[]> producer, string output, Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(output, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(1));
            }
        }
    }

    private static void Commit(IConsumer<byte[], byte[]> consumer, IProducer<byte[], byte[]> producer)
    {
        TopicPartitionOffset[] positions = [.. consumer.Assignment.Select(partition => new TopicPartitionOffset(partition, consumer.Position(partition))).Where(static one => one.Offset != Offset.Unset)];
        if (positions.Length > 0) producer.SendOffsetsToTransaction(positions, consumer.ConsumerGroupMetadata, Patience);
        producer.CommitTransaction(Patience);
    }
}
