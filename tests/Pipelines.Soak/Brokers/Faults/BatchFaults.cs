using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Compression;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;
using Pipelines.Tests;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>Batches that lie, and those that grow: F38. What is taken is what its header says, whatever is sent.</summary>
internal static class BatchFaults
{
    private const int Megabyte = 1024 * 1024;

    // More than the broker takes where it looks at records, which is 64 MiB.
    private const int BombBytes = 80 * Megabyte;

    // What is unpacked before it is refused, what that grew from, and what the codec and the collector need beside.
    private const long BombMemory = 384L * Megabyte;
    private static readonly BatchCodec[] Codecs = [BatchCodec.Gzip, BatchCodec.Snappy, BatchCodec.Lz4, BatchCodec.Zstd];

    internal static IEnumerable<FaultKind> All =>
    [
        new(38, "batches lie", Places.Both, LiesAsync),
        new(38, "a small batch grows large", Places.Both, BombsAsync),
        new(38, "sequences come round to 0", Places.Both, WrapAsync),
    ];

    private static async Task LiesAsync(Stage stage, Random random)
    {
        await HostileFaults.RefusedAsync(stage, random, "F38-checksum", static batch =>
        {
            batch[^1] ^= 1;
            return batch;
        });
        await HostileFaults.RefusedAsync(stage, random, "F38-count", static batch => Changed(batch, static header => header with { RecordCount = 1000, LastOffsetDelta = 999 }));
        await HostileFaults.RefusedAsync(stage, random, "F38-control", static batch => Changed(batch, static header => header with { Attributes = BatchAttributes.Control | BatchAttributes.Transactional }));
        await HostileFaults.RefusedAsync(stage, random, "F38-magic", static batch => Changed(batch, static header => header with { Magic = 3 }));
        await HostileFaults.RefusedAsync(stage, random, "F38-end", static batch => Changed(batch, static header => header with { LastOffsetDelta = -1 }));
        await HostileFaults.RefusedAsync(stage, random, "F38-length", static batch => Changed(batch, static header => header with { Length = 10_000 }));
        await HostileFaults.RefusedAsync(stage, random, "F38-backwards", static batch => Backwards(batch), count: 2);
        BatchCodec unknown = (BatchCodec)random.Next(5, 8);
        await HostileFaults.RefusedAsync(stage, random, "F38-codec", batch => PackedBatch.Of(unknown, batch, batch.AsSpan(RecordBatchHeader.Size)), wanted: ErrorCode.UnsupportedCompressionType);
    }

    private static byte[] Changed(byte[] batch, Func<RecordBatchHeader, RecordBatchHeader> change)
    {
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        change(header).Write(batch);
        BatchSeal.WriteChecksum(batch);
        return batch;
    }

    /// <summary>The second of two records says that it comes before the first.</summary>
    private static byte[] Backwards(byte[] batch)
    {
        const byte MinusOne = 1;
        RecordBatchHeader.TryRead(batch, out RecordBatchHeader header);
        var records = new RecordCursor(batch, RecordBatchHeader.Size, batch.Length, in header);
        records.MoveNext();
        // Behind the length, of which the last byte has no high bit, come attributes and the time's difference, a byte each.
        int at = records.End;
        while ((batch[at] & 0x80) != 0) at++;
        batch[at + 3] = MinusOne;
        BatchSeal.WriteChecksum(batch);
        return batch;
    }

    /// <summary>Passed through where nobody looks at it; refused where records are looked at, and damage is too; neither takes much memory.</summary>
    private static async Task BombsAsync(Stage stage, Random random)
    {
        BatchCodec codec = Codecs[random.Next(Codecs.Length)];
        byte[] bomb = PackedBatch.Bomb(codec, "key"u8, BombBytes);
        byte[] damaged = PackedBatch.Of(codec, bomb, "\xFF\xFF\xFF\xFF\x07 this is nothing that any codec makes"u8);
        long before = (stage.World as ProcessWorld)?.MemoryBytes(isPeak: true) ?? 0;
        await using (var plain = await OwnTopic.CreateAsync(stage, "F38-plain"))
        await using (var compacted = await OwnTopic.CreateAsync(stage, "F38-compacted", ("cleanup.policy", "compact")))
        {
            await SendAsync(stage, plain.Partition, bomb, codec, ErrorCode.None);
            await SendAsync(stage, compacted.Partition, bomb, codec, ErrorCode.MessageTooLarge);
            await SendAsync(stage, compacted.Partition, damaged, codec, ErrorCode.InvalidRecord);
        }

        if (stage.World is not ProcessWorld world) return;
        long peak = world.MemoryBytes(isPeak: true);
        stage.Burden.Saw(peak);
        await Console.Error.WriteLineAsync($"F38: a bomb of {codec}, {bomb.Length} bytes, for which the broker's highest memory grew from {before / Megabyte} to {peak / Megabyte} MiB");
        if (peak - before > BombMemory) stage.Ledger.Violate("a bomb filled the memory", $"{codec}: {(peak - before) / Megabyte} MiB for a batch of {bomb.Length} bytes");
    }

    private static async Task SendAsync(Stage stage, TopicPartition place, byte[] batch, BatchCodec codec, ErrorCode wanted)
    {
        await using BrokerConnection connection = await HostileFaults.DirectAsync(stage);
        (ErrorCode error, _) = await Batch.ProduceAsync(connection, place, batch, null, null, stage.Ending);
        if (error != wanted) stage.Ledger.Violate("a batch that grows was not answered as it should be", $"{codec} to {place}: {error}, not {wanted}");
    }

    /// <summary>The last sequence is 2^31-1, and 0 follows it; repeated, each batch is known.</summary>
    private static async Task WrapAsync(Stage stage, Random random)
    {
        await using Link link = stage.Link(stage.NewName("F38-wrap"));
        var place = new TopicPartition(Topics.Plain, random.Next(Topics.Partitions));
        InitProducerIdResponse? producer = null;
        await link.AskAsync("InitProducerId", async connection =>
        {
            producer = await connection.SendAsync(new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 1000, ProducerId = -1, ProducerEpoch = -1 }, cancellation: stage.Ending);
            return (ErrorCode)producer.ErrorCode;
        }, stage.Ending);
        stage.Ledger.SawProducer(producer!.ProducerId, link.ClientId);
        long[] offsets = new long[3];
        byte[][] batches = new byte[offsets.Length][];
        int sequence = int.MaxValue - 3;
        for (int i = 0; i < offsets.Length; i++)
        {
            Attempt attempt = stage.Ledger.Begin(link.ClientId, (place, 3));
            batches[i] = Batch.Of(new BatchProducer(producer.ProducerId, producer.ProducerEpoch, sequence, IsTransactional: false), attempt.Values[place]);
            sequence = (int)((sequence + 3L) & int.MaxValue);
            offsets[i] = attempt.Offset = await AppendAsync(stage, link, place, batches[i]);
            attempt.Outcome = Outcome.Committed;
        }

        for (int i = 0; i < offsets.Length; i++)
        {
            long again = await AppendAsync(stage, link, place, batches[i]);
            if (again != offsets[i]) stage.Ledger.Violate("a repeated batch was not known", $"{link.ClientId}: {again} where {offsets[i]} was told, before sequences came round");
        }
    }

    private static async Task<long> AppendAsync(Stage stage, Link link, TopicPartition place, byte[] batch)
    {
        long offset = -1;
        await link.AskAsync("Produce", async connection =>
        {
            (ErrorCode error, offset) = await Batch.ProduceAsync(connection, place, batch, null, null, stage.Ending);
            return error;
        }, stage.Ending);
        return offset;
    }
}
