using System.Collections.Concurrent;
using Pipelines.Execution;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>Commits whole transactions: prepared batches to the leaders, offsets to the group's coordinator, and the end.</summary>
/// <remarks>
/// Without transactions (<see cref="ProcessingGuarantee.AtLeastOnce"/>) it is an idempotent producer that writes outputs, then commits the offsets, which fences who has lost the partitions, and writes the progress last.
/// With transactions of version 2 (KIP-890) writes add themselves to the transaction and each end brings the next epoch; with those before, partitions and groups are
/// added first. What fails before the end was sent may be sent again: sequences tell the broker what it has. An end without an answer is not asked for again: only a new
/// producer and the committed progress tell what became of it (KAFKA-17754).
/// </remarks>
internal sealed class KafkaProducer : ITransactionalProducer
{
    private const string TransactionVersion = "transaction.version";
    private const short FirstImplicitProduce = 12;
    private const short LatestExplicitProduce = 11;
    private const short FirstBumpingEnd = 5;
    private const short AllReplicas = -1;

    private readonly Cluster cluster;
    private readonly string name;
    private readonly bool isTransactional;
    private readonly Dictionary<(string Topic, int Partition), int> sequences = [];
    // Requests to several leaders begin, and connect, at the same time.
    private readonly ConcurrentDictionary<int, BrokerConnection> leaders = new();
    private readonly List<Batch> waiting = [];
    private long producerId;
    private short epoch;
    private bool isVersion2;
    private bool isDead;

    private KafkaProducer(Cluster cluster, string name)
    {
        this.cluster = cluster;
        this.name = name;
        isTransactional = cluster.Options.Guarantee == ProcessingGuarantee.ExactlyOnce;
    }

    private string? TransactionalId => isTransactional ? name : null;

    /// <summary>A whole batch on its way to a partition: one of those of a write.</summary>
    private readonly record struct Batch(PartitionWrite Write, int Index, ReadOnlyMemory<byte> Bytes)
    {
        internal string Topic => Write.Topic;

        internal int Partition => Write.Partition;
    }

    /// <summary>Takes the transactional id over: whoever had it is fenced, and what it left open is aborted.</summary>
    internal static async Task<KafkaProducer> OpenAsync(Cluster cluster, string transactionalId)
    {
        var producer = new KafkaProducer(cluster, transactionalId);
        string what = producer.isTransactional ? $"Transactional id '{transactionalId}' cannot be opened" : "No producer id can be had";
        await cluster.RetryAsync(what, async () =>
        {
            BrokerConnection coordinator = producer.isTransactional ? await cluster.CoordinatorAsync(CoordinatorKind.Transaction, transactionalId) : await cluster.AnyAsync();
            InitProducerIdResponse answer = await coordinator.SendAsync(
                new InitProducerIdRequest { TransactionalId = producer.TransactionalId, TransactionTimeoutMs = (int)cluster.Options.TransactionTimeout.TotalMilliseconds, ProducerId = -1, ProducerEpoch = -1 },
                Cluster.Version(ApiKey.InitProducerId, coordinator, 5));
            cluster.Check(answer.ErrorCode, what, producer.Needed);
            producer.isVersion2 = producer.isTransactional && coordinator.Features.GetValueOrDefault(TransactionVersion) >= 2 && coordinator.VersionOf(ApiKey.EndTxn) >= FirstBumpingEnd;
            (producer.producerId, producer.epoch) = (answer.ProducerId, answer.ProducerEpoch);
            return true;
        });
        return producer;
    }

    /// <inheritdoc/>
    public async ValueTask CommitAsync(BrokerTransaction transaction)
    {
        if (isDead) throw new BrokerException("The producer has failed before; open a new one.", isFatal: false);
        // Until it is known to be committed it may be anything.
        isDead = true;
        waiting.Clear();
        try
        {
            if (isTransactional) await CommitWholeAsync(transaction);
            else await CommitInOrderAsync(transaction);
        }
        catch (Exception lost) when (lost is PassingException or BrokerConnectionException)
        {
            throw new BrokerException($"The transaction of '{name}' may or may not be committed: {cluster.Explain(lost)}", isFatal: false, lost);
        }

        isDead = false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (BrokerConnection connection in leaders.Values) await connection.DisposeAsync();
        leaders.Clear();
    }

    private async Task CommitWholeAsync(BrokerTransaction transaction)
    {
        foreach (PartitionWrite write in transaction.Writes) Complete(write);
        if (!isVersion2) await AddPartitionsAsync();
        // After the first round all partitions are part of the transaction, so that the offsets need not wait for the other rounds.
        await WriteAsync(transaction, isOneRound: true);
        Task rest = WriteAsync(transaction);
        try
        {
            if (transaction.Offsets.Count > 0) await AddOffsetsAsync(transaction);
        }
        finally
        {
            // Whatever became of the offsets: batches are written from where they lie, so nobody may go on before.
            await rest;
        }

        await EndAsync();
    }

    /// <summary>The last write tells that the others are there, so it comes when they are, and when the group has taken the offsets.</summary>
    private async Task CommitInOrderAsync(BrokerTransaction transaction)
    {
        foreach (PartitionWrite write in transaction.Writes.SkipLast(1)) Complete(write);
        await WriteAsync(transaction);
        if (transaction.Offsets.Count > 0)
        {
            await AsMemberAsync(
                transaction, $"Offsets of group '{transaction.Group}' cannot be committed", claim => Offsets.CommitAsync(cluster, transaction.Group, transaction.Offsets, claim));
        }

        foreach (PartitionWrite write in transaction.Writes.TakeLast(1)) Complete(write);
        await WriteAsync(transaction);
    }

    /// <summary>Writes the headers of a partition's batches where they lie.</summary>
    private void Complete(PartitionWrite write)
    {
        int sequence = sequences.GetValueOrDefault((write.Topic, write.Partition));
        ReadOnlySpan<PendingBatch> batches = write.Records.Batches;
        for (int i = 0; i < batches.Length; i++)
        {
            ref readonly PendingBatch batch = ref batches[i];
            BatchSeal.Complete(batch.Bytes.Span, batch.Count, batch.BaseTimestamp, batch.MaxTimestamp, new BatchProducer(producerId, epoch, sequence, isTransactional));
            // Sequences wrap from 2^31-1 to 0.
            sequence = (int)((sequence + (long)batch.Count) & int.MaxValue);
            waiting.Add(new Batch(write, i, batch.Bytes));
        }

        sequences[(write.Topic, write.Partition)] = sequence;
    }

    private Task AddPartitionsAsync()
    {
        string what = $"Partitions cannot be added to the transaction of '{name}'";
        return waiting.Count == 0 ? Task.CompletedTask : cluster.RetryAsync(what, async () =>
        {
            BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Transaction, name);
            AddPartitionsToTxnResponse answer = await coordinator.SendAsync(
                new AddPartitionsToTxnRequest
                {
                    V3AndBelowTransactionalId = name,
                    V3AndBelowProducerId = producerId,
                    V3AndBelowProducerEpoch = epoch,
                    V3AndBelowTopics = [.. waiting.GroupBy(static batch => batch.Topic, StringComparer.Ordinal).Select(static topic =>
                        new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic { Name = topic.Key, Partitions = [.. topic.Select(static batch => batch.Partition).Distinct()] })],
                },
                Cluster.Version(ApiKey.AddPartitionsToTxn, coordinator, 3));
            foreach (AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult topic in answer.ResultsByTopicV3AndBelow)
            {
                foreach (AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult partition in topic.ResultsByPartition) cluster.Check(partition.PartitionErrorCode, what, Right.OnTopic("Write", topic.Name), Right.OnTransactionalId("Write", name));
            }

            return true;
        });
    }

    /// <summary>Sends all batches, or the first of each partition: of each one at a time, as brokers want it, and to all partitions at once.</summary>
    private async Task WriteAsync(BrokerTransaction transaction, bool isOneRound = false)
    {
        int enough = isOneRound ? waiting.Count - waiting.DistinctBy(static batch => (batch.Topic, batch.Partition)).Count() : 0;
        long began = cluster.Options.Clock.GetTimestamp();
        var pauses = Pauses.OfCommit(cluster.Options.Clock);
        while (waiting.Count > enough)
        {
            List<Batch> round = [.. waiting.DistinctBy(static batch => (batch.Topic, batch.Partition))];
            int before = waiting.Count;
            string? passing = await WriteAsync(round);
            if (waiting.Count < before) transaction.OnTaken?.Invoke();
            if (passing is null) continue;
            if (cluster.Options.Clock.GetElapsedTime(began) > cluster.Options.Patience) throw new PassingException(passing);
            await pauses.WaitAsync();
        }
    }

    /// <summary>Sends batches of different partitions; those that were taken wait no longer.</summary>
    /// <returns>Why some have to be sent again; null when all were taken.</returns>
    private async Task<string?> WriteAsync(List<Batch> round)
    {
        var sent = new List<(List<Batch> Batches, Task<ProduceResponse> Answer)>();
        foreach ((int leader, List<Batch> batches) in await cluster.ByLeaderAsync(round, static batch => (batch.Topic, batch.Partition))) sent.Add((batches, SendAsync(leader, batches)));
        string? passing = null;
        foreach ((List<Batch> batches, Task<ProduceResponse> answer) in sent) passing = await TakeAsync(batches, answer) ?? passing;
        return passing;
    }

    private async Task<ProduceResponse> SendAsync(int leader, List<Batch> batches)
    {
        if (!leaders.TryGetValue(leader, out BrokerConnection? connection) || !connection.IsUsable)
        {
            if (connection is not null) await connection.DisposeAsync();
            leaders[leader] = connection = await cluster.ConnectAsync(leader, cluster.Options.CommitConnection);
        }

        return await connection.SendAsync(
            new ProduceRequest
            {
                Acks = AllReplicas,
                TimeoutMs = (int)cluster.Options.Connection.RequestTimeout.TotalMilliseconds,
                TransactionalId = TransactionalId,
                TopicData = [.. batches.GroupBy(static batch => batch.Topic, StringComparer.Ordinal).Select(static topic => new ProduceRequest.TopicProduceData
                {
                    Name = topic.Key,
                    PartitionData = [.. topic.Select(static batch => new ProduceRequest.PartitionProduceData { Index = batch.Partition, Records = batch.Bytes })],
                })],
            },
            isVersion2 ? FirstImplicitProduce : Cluster.Version(ApiKey.Produce, connection, LatestExplicitProduce));
    }

    private async Task<string?> TakeAsync(List<Batch> batches, Task<ProduceResponse> answer)
    {
        ProduceResponse response;
        try
        {
            response = await answer;
        }
        catch (BrokerConnectionException gone)
        {
            foreach (Batch batch in batches) cluster.Forget(batch.Topic);
            return gone.Message;
        }

        string? passing = null;
        foreach (ProduceResponse.TopicProduceResponse topic in response.Responses)
        {
            foreach (ProduceResponse.PartitionProduceResponse partition in topic.PartitionResponses)
            {
                if (partition.ErrorCode == 0)
                {
                    int taken = waiting.FindIndex(batch => batch.Topic == topic.Name && batch.Partition == partition.Index);
                    // What comes after a failure is made anew from the input, so nobody needs it any more.
                    waiting[taken].Write.Records.LetGo(waiting[taken].Index);
                    waiting.RemoveAt(taken);
                    continue;
                }

                if (!KafkaErrors.IsPassing(partition.ErrorCode)) throw NotTaken(topic.Name, partition);
                if (KafkaErrors.IsMoved(partition.ErrorCode)) cluster.Forget(topic.Name);
                passing = $"{topic.Name}/{partition.Index} answers {(KafkaError)partition.ErrorCode}";
            }
        }

        return passing;
    }

    private BrokerException NotTaken(string topic, ProduceResponse.PartitionProduceResponse answer) => cluster.Refused(
        answer.ErrorCode, $"{topic}/{answer.Index} does not take a batch", answer.ErrorMessage, [Right.OnTopic("Write", topic), .. Needed]);

    /// <summary>What the user has to be allowed for transactions.</summary>
    private Right[] Needed => isTransactional ? [Right.OnTransactionalId("Write", name)] : [];

    private async Task AddOffsetsAsync(BrokerTransaction transaction)
    {
        string what = $"Offsets of group '{transaction.Group}' cannot be added to the transaction of '{name}'";
        if (!isVersion2)
        {
            await cluster.RetryAsync(what, async () =>
            {
                BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Transaction, name);
                var request = new AddOffsetsToTxnRequest { TransactionalId = name, ProducerId = producerId, ProducerEpoch = epoch, GroupId = transaction.Group };
                short error = (await coordinator.SendAsync(request, Cluster.Version(ApiKey.AddOffsetsToTxn, coordinator, 3))).ErrorCode;
                cluster.Check(error, what, Right.OnGroup("Read", transaction.Group), Right.OnTransactionalId("Write", name));
                return true;
            });
        }

        await AsMemberAsync(transaction, what, claim => cluster.RetryAsync(what, () => SendOffsetsAsync(transaction, claim, what), Pauses.OfCommit(cluster.Options.Clock)));
    }

    /// <summary>Sends offsets in the name of the member.</summary>
    private static async Task AsMemberAsync(BrokerTransaction transaction, string what, Func<GroupClaim, Task<short>> send)
    {
        var member = (KafkaGroupMember?)transaction.Member;
        GroupClaim claim = member?.Claim ?? GroupClaim.Nobody;
        while (true)
        {
            // Without a generation the coordinator would take the offsets as those of a group without members, and fence nobody.
            if (member is not null && claim.Generation < 0) throw KafkaErrors.Refused((short)KafkaError.UnknownMemberId, what);
            short refused = await send(claim);
            if (refused == 0) return;
            // The next generation may have begun while the request was on its way. What the member holds it holds in that one too, for it has told so when it joined.
            if (refused != (short)KafkaError.IllegalGeneration || member is null || await member.NextClaimAsync(claim) is not { } next) throw KafkaErrors.Refused(refused, what);
            claim = next;
        }
    }

    /// <summary>Sends the offsets.</summary>
    /// <returns>Zero, or why the member may not commit.</returns>
    private async Task<short> SendOffsetsAsync(BrokerTransaction transaction, GroupClaim claim, string what)
    {
        BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Group, transaction.Group);
        TxnOffsetCommitResponse answer = await coordinator.SendAsync(
            new TxnOffsetCommitRequest
            {
                TransactionalId = name,
                GroupId = transaction.Group,
                ProducerId = producerId,
                ProducerEpoch = epoch,
                GenerationId = claim.Generation,
                MemberId = claim.MemberId,
                GroupInstanceId = claim.InstanceId,
                Topics = [.. transaction.Offsets.GroupBy(static offset => offset.Topic, StringComparer.Ordinal).Select(static topic => new TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(static offset => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition { PartitionIndex = offset.Partition, CommittedOffset = offset.Offset, CommittedLeaderEpoch = -1, CommittedMetadata = "" })],
                })],
            },
            Cluster.Version(ApiKey.TxnOffsetCommit, coordinator, isVersion2 ? (short)5 : (short)4));
        foreach (TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic topic in answer.Topics)
        {
            foreach (TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition partition in topic.Partitions)
            {
                if (KafkaErrors.IsLost(partition.ErrorCode)) return partition.ErrorCode;
                cluster.Check(partition.ErrorCode, what, Right.OnGroup("Read", transaction.Group), Right.OnTopic("Read", topic.Name), Right.OnTransactionalId("Write", name));
            }
        }

        return 0;
    }

    private async Task EndAsync()
    {
        BrokerConnection coordinator = await cluster.CoordinatorAsync(CoordinatorKind.Transaction, name);
        long began = cluster.Options.Clock.GetTimestamp();
        var pauses = Pauses.OfCommit(cluster.Options.Clock);
        while (true)
        {
            EndTxnResponse answer = await coordinator.SendAsync(
                new EndTxnRequest { TransactionalId = name, ProducerId = producerId, ProducerEpoch = epoch, Committed = true },
                isVersion2 ? FirstBumpingEnd : Cluster.Version(ApiKey.EndTxn, coordinator, FirstBumpingEnd - 1));
            if (answer.ErrorCode == (short)KafkaError.ConcurrentTransactions && cluster.Options.Clock.GetElapsedTime(began) < cluster.Options.Patience)
            {
                await pauses.WaitAsync();
                continue;
            }

            if (answer.ErrorCode != 0) throw cluster.Refused(answer.ErrorCode, $"The transaction of '{name}' was not committed", said: null, Right.OnTransactionalId("Write", name));
            if (!isVersion2) return;
            // An epoch names one transaction: sequences begin anew.
            (producerId, epoch) = (answer.ProducerId, answer.ProducerEpoch);
            sequences.Clear();
            return;
        }
    }
}
