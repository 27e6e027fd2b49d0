using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;

namespace Pipelines.Soak.Brokers.Clients;

/// <summary>A transactional producer that sends a transaction step by step, and asks again what was not answered.</summary>
/// <remarks>
/// Steps, as counted where faults are injected: 1 before the transaction, 2 after the first produce, 3 after the partitions were added, 4 after the last
/// produce, 5 after the group was added, 6 after its offsets were, 7 while the end is under way, 12 when it was answered. Steps 8 to 11 are inside the broker.
/// </remarks>
/// <param name="link">Its connection.</param>
/// <param name="ledger">Where it records.</param>
/// <param name="id">Its transactional id.</param>
/// <param name="isVersion2">True to speak transactions of version 2 (KIP-890), false as clients did before.</param>
/// <param name="timeout">How long its transactions may be open.</param>
/// <param name="off">With <see cref="BrokerProtection.Offsets"/>, offsets are committed beside the transaction.</param>
internal sealed partial class Transactor(Link link, Ledger ledger, string id, bool isVersion2, TimeSpan timeout, BrokerProtection off = BrokerProtection.None)
{
    private const short ClassicProduce = 9;
    private const short ClassicAdd = 3;
    private const short ClassicEnd = 3;
    private static readonly TopicPartition Place = new(Topics.Bank, 0);
    private readonly Dictionary<TopicPartition, int> sequences = [];
    private long producerId = -1;
    private short epoch = -1;

    /// <summary>The group whose offsets are part of its transactions.</summary>
    internal string Group => $"{id}-group";

    /// <summary>What is done at a step, before the client goes on.</summary>
    internal Func<int, Task>? AtStep { get; set; }

    /// <summary>Takes the transactional id: whoever had it is fenced, and what was open is aborted.</summary>
    internal async Task OpenAsync(CancellationToken cancellation)
    {
        await link.AskAsync("InitProducerId", async connection =>
        {
            InitProducerIdResponse answer = await connection.SendAsync(new InitProducerIdRequest
            {
                TransactionalId = id, TransactionTimeoutMs = (int)timeout.TotalMilliseconds, ProducerId = -1, ProducerEpoch = -1,
            }, cancellation: cancellation);
            if (answer.ErrorCode == 0) Identify(answer.ProducerId, answer.ProducerEpoch);
            return (ErrorCode)answer.ErrorCode;
        }, cancellation);
        ledger.SawProducer(producerId, id);
    }

    /// <summary>Sends all of an attempt and ends it, and its number is the offset of a group of its own; its outcome is recorded.</summary>
    internal Task RunAsync(Attempt attempt, bool commit, CancellationToken cancellation) =>
        RunAsync(attempt, new GroupCommit(Group, new Dictionary<TopicPartition, long> { [Place] = attempt.Number }, Claim.Nobody), commit, cancellation);

    /// <summary>The same with offsets of any group.</summary>
    internal async Task RunAsync(Attempt attempt, GroupCommit offsets, bool commit, CancellationToken cancellation)
    {
        attempt.Outcome = Outcome.Aborted;
        await StepAsync(1);
        bool isFirst = true;
        foreach (TopicPartition partition in attempt.Values.Keys)
        {
            await AddAsync(partition, cancellation);
            if (isFirst) await StepAsync(3);
            await ProduceAsync(attempt, partition, cancellation);
            if (isFirst) await StepAsync(2);
            isFirst = false;
        }

        await StepAsync(4);
        await AddOffsetsAsync(offsets, cancellation);
        await EndAsync(attempt, commit, cancellation);
        if (commit) ledger.Groups.SawCommit(offsets);
        await StepAsync(12);
    }

    /// <summary>Adds a partition; with version 2 there is no need to.</summary>
    internal async Task AddAsync(TopicPartition partition, CancellationToken cancellation)
    {
        if (isVersion2) return;
        await link.AskAsync("AddPartitionsToTxn", async connection => (ErrorCode)(await connection.SendAsync(new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = id,
            V3AndBelowProducerId = producerId,
            V3AndBelowProducerEpoch = epoch,
            V3AndBelowTopics = [new() { Name = partition.Topic, Partitions = [partition.Partition] }],
        }, ClassicAdd, cancellation)).ResultsByTopicV3AndBelow.Single().ResultsByPartition.Single().PartitionErrorCode, cancellation);
    }

    /// <summary>Commits or aborts, asking again over another connection as long as nobody answers.</summary>
    internal async Task EndAsync(Attempt attempt, bool commit, CancellationToken cancellation)
    {
        bool isUnsure = false;
        try
        {
            await link.AskAsync("EndTxn", async connection =>
            {
                if (commit && attempt.Outcome == Outcome.Aborted) attempt.Outcome = Outcome.Unknown;
                Task<EndTxnResponse> end = connection.SendAsync(
                    new EndTxnRequest { TransactionalId = id, ProducerId = producerId, ProducerEpoch = epoch, Committed = commit }, isVersion2 ? null : ClassicEnd, cancellation);
                try
                {
                    await StepAsync(7);
                    EndTxnResponse answer = await end;
                    if (answer.ErrorCode == 0 && isVersion2) Identify(answer.ProducerId, answer.ProducerEpoch);
                    if ((ErrorCode)answer.ErrorCode == ErrorCode.KafkaStorageError) isUnsure = true;
                    return (ErrorCode)answer.ErrorCode;
                }
                catch (BrokerConnectionException)
                {
                    isUnsure = true;
                    throw;
                }
                finally
                {
                    _ = end.ContinueWith(static one => one.Exception, TaskScheduler.Default);
                }
            }, cancellation);
            attempt.Outcome = commit ? Outcome.Committed : Outcome.Aborted;
        }
        catch (RefusedException) when (!isUnsure)
        {
            // Refused when it was asked for the first time: nothing of it may be seen.
            attempt.Outcome = Outcome.Aborted;
            throw;
        }
    }

    /// <summary>The offset that the group of its own has committed; 0 when there is none. Waits while a transaction decides about it.</summary>
    internal async Task<long> CommittedAsync(CancellationToken cancellation) => (await GroupOffsets.FetchAsync(link, ledger.Groups, Group, [Place], cancellation))[Place];

    private async Task ProduceAsync(Attempt attempt, TopicPartition partition, CancellationToken cancellation)
    {
        int sequence = sequences.GetValueOrDefault(partition);
        byte[] batch = attempt.ToBatch(partition, new BatchProducer(producerId, epoch, sequence, IsTransactional: true));
        // Sent again it has the same sequence, so it is there once.
        await link.AskAsync("Produce", async connection => (await Batch.ProduceAsync(connection, partition, batch, id, isVersion2 ? null : ClassicProduce, cancellation)).Error, cancellation);
        sequences[partition] = sequence + attempt.Values[partition].Length;
    }

    private void Identify(long newId, short newEpoch)
    {
        if ((newId, newEpoch) == (producerId, epoch)) return;
        (producerId, epoch) = (newId, newEpoch);
        sequences.Clear();
    }

    private Task StepAsync(int step) => AtStep?.Invoke(step) ?? Task.CompletedTask;
}
