using System.Runtime.CompilerServices;
using Pipelines.Broker.Journal;
using Pipelines.Broker.Log;
using Pipelines.Broker.Tests.Support;
using Pipelines.Broker.Transactions;
using Pipelines.Protocol.Records;

namespace Pipelines.Broker.Tests.Transactions.Model;

/// <summary>A transactional producer that behaves as the stock clients do: asks again over a new connection when no answer comes, and ends when it is fenced.</summary>
internal sealed class Client(TransactionModel model, string transactionalId)
{
    private readonly Dictionary<TopicPartition, int> sequences = [];
    private readonly Connection?[] connections = new Connection?[3];
    private readonly bool hasOneConnection = model.Random.Next(2) == 0;
    private bool isVersion2 = model.Random.Next(2) == 0;
    private ProducerIdentity producer;

    /// <summary>Where a request goes: a client may have a connection for each, or one for all.</summary>
    private enum Way
    {
        Coordinator = 0,
        Partition = 1,
        Group = 2,
    }

    /// <summary>Runs one transaction after the other until it is fenced.</summary>
    internal async Task RunAsync()
    {
        if (!await OpenAsync(null)) return;
        while (await TransactAsync())
        {
            if (model.Random.Next(10) == 0) isVersion2 = !isVersion2;
        }
    }

    private async Task<bool> OpenAsync((long, short)? current)
    {
        ProducerIdentity answer = await AskAsync(
            Way.Coordinator, (engine, connection) => engine.OpenProducerAsync(transactionalId, TimeSpan.FromSeconds(10), current, connection), static answer => answer.Error);
        if (IsFenced(answer.Error)) return false;
        producer = answer;
        sequences.Clear();
        model.Opened(transactionalId, producer);
        return true;
    }

    private async Task<bool> TransactAsync()
    {
        Attempt attempt = model.Begin(transactionalId, producer);
        bool isFenced = !await FillAsync(attempt);
        if (isFenced)
        {
            attempt.Outcome = Outcome.Aborted;
            return false;
        }

        if (model.Random.Next(12) == 0)
        {
            attempt.Outcome = Outcome.Aborted;
            return await OpenAsync((producer.ProducerId, producer.Epoch));
        }

        // As the stock clients do: of the older versions none ends a transaction that has nothing in it.
        if (!isVersion2 && attempt.Values.Count == 0 && attempt.Groups.Count == 0)
        {
            attempt.Outcome = Outcome.Aborted;
            return true;
        }

        return await EndAsync(attempt, commit: model.Random.Next(5) > 0);
    }

    private async Task<bool> FillAsync(Attempt attempt)
    {
        // What is late is sent as it was: with the epoch of then.
        ProducerIdentity mine = attempt.Producer;
        model.Trace.Add($"begin {attempt} version 2: {isVersion2}");
        TopicPartition[] partitions = [.. TransactionModel.Partitions.OrderBy(_ => model.Random.Next()).Take(model.Random.Next(4))];
        if (!isVersion2 && partitions.Length > 0)
        {
            if (!await DoAsync(Way.Coordinator, (engine, connection) => engine.AddPartitionsAsync(transactionalId, mine.ProducerId, mine.Epoch, partitions, connection)))
                return false;
        }

        foreach (TopicPartition partition in partitions)
        {
            for (int left = model.Random.Next(1, 3); left > 0; left--)
            {
                if (!await SendAsync(attempt, partition)) return false;
                if (model.Random.Next(40) == 0) await model.PauseAsync(model.Random.Next(100, 400));
            }
        }

        for (int group = model.Random.Next(3); group > 0; group--)
        {
            if (!await CommitOffsetAsync(attempt, TransactionModel.GroupOf(transactionalId, group))) return false;
        }

        return true;
    }

    private Task<bool> SendAsync(Attempt attempt, TopicPartition partition)
    {
        string value = $"{attempt.TransactionalId}#{attempt.Number}:{partition}:{attempt.Values.Count}";
        attempt.Values.Add((partition, value));
        model.Trace.Add($"send {value} sequence {sequences.GetValueOrDefault(partition)}");
        int sequence = sequences.GetValueOrDefault(partition);
        sequences[partition] = sequence + 1;
        // The bytes are made anew for each sending: the engine writes offsets into them.
        var batch = new BatchProducer(producer.ProducerId, producer.Epoch, sequence, IsTransactional: true);
        TransactionProtocol protocol = isVersion2 ? TransactionProtocol.Implicit : TransactionProtocol.Classic;
        return DoAsync(Way.Partition, async (engine, _) => (await engine.AppendAsync(partition, Batches.Of(batch, value), transactionalId, protocol)).Error);
    }

    private async Task<bool> CommitOffsetAsync(Attempt attempt, string group)
    {
        ProducerIdentity mine = attempt.Producer;
        TransactionProtocol protocol = isVersion2 ? TransactionProtocol.Implicit : TransactionProtocol.Classic;
        if (!isVersion2 && !await DoAsync(Way.Coordinator, (engine, connection) => engine.AddGroupAsync(transactionalId, mine.ProducerId, mine.Epoch, group, connection)))
            return false;
        attempt.Groups.Add(group);
        GroupOffset[] offsets = [new(Engines.B0, attempt.Number)];
        return await DoAsync(
            Way.Group, (engine, connection) => engine.AddOffsetsAsync(transactionalId, mine.ProducerId, mine.Epoch, group, offsets, protocol, connection));
    }

    private async Task<bool> EndAsync(Attempt attempt, bool commit)
    {
        bool isDoomed = attempt.IsDoomed;
        attempt.Outcome = commit && !isDoomed ? Outcome.Unknown : Outcome.Aborted;
        bool version2 = isVersion2;
        ProducerIdentity mine = attempt.Producer;
        ProducerIdentity answer = await AskAsync(
            Way.Coordinator,
            (engine, connection) => engine.EndTransactionAsync(transactionalId, mine.ProducerId, mine.Epoch, commit, version2, connection),
            static answer => answer.Error);
        if (version2 && commit && answer.Error == ErrorCode.InvalidTxnState)
        {
            // It was open too long, and is aborted.
            attempt.Outcome = Outcome.Aborted;
            model.Count("overdue");
            return false;
        }

        if (IsFenced(answer.Error)) return false;
        Assert.False(isDoomed, $"{attempt} was ended by a fenced producer");
        if (commit)
        {
            attempt.Outcome = Outcome.Committed;
            model.Count("committed");
        }

        if (version2)
        {
            Assert.NotEqual((producer.ProducerId, producer.Epoch), (answer.ProducerId, answer.Epoch));
            producer = answer;
            sequences.Clear();
        }

        return true;
    }

    /// <summary>Asks, and is told that it was done or that the producer is fenced; a healthy client meets nothing else.</summary>
    private async Task<bool> DoAsync(Way way, Func<LogEngine, long, Task<ErrorCode>> call, [CallerMemberName] string what = "") =>
        !IsFenced(await AskAsync(way, call, static error => error, what));

    private bool IsFenced(ErrorCode error)
    {
        if (error is ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch)
        {
            model.Count("fenced");
            return true;
        }

        Assert.Equal(ErrorCode.None, error);
        return false;
    }

    /// <summary>Asks until there is an answer, over a new connection after each silence.</summary>
    private async Task<T> AskAsync<T>(Way way, Func<LogEngine, long, Task<T>> call, Func<T, ErrorCode> errorOf, [CallerMemberName] string what = "")
    {
        int place = hasOneConnection ? 0 : (int)way;
        while (true)
        {
            Connection connection = connections[place] ??= await model.ConnectAsync();
            (bool isAnswered, T? answer) = await connection.CallAsync(call);
            model.Trace.Add($"{transactionalId} {producer.ProducerId}/{producer.Epoch} {way} {what}: {(isAnswered ? answer : "no answer")}");
            if (!isAnswered)
            {
                connections[place] = null;
                continue;
            }

            if (errorOf(answer!) != ErrorCode.ConcurrentTransactions) return answer!;
            model.Count("concurrent");
            await model.PauseAsync(5);
        }
    }
}
