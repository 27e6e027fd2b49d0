using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers;

/// <summary>Runs one round: clients work, faults happen, clients come to their end, and everything is compared.</summary>
internal static class RoundRun
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    // The longest time-out of a client that nobody comes after, and the time in which the broker notices it.
    private static readonly TimeSpan DecisionPatience = TimeSpan.FromSeconds(5);

    // Where a protection is off and that has been noticed, nobody waits longer than this for what may never come.
    private static readonly TimeSpan NoticedPatience = TimeSpan.FromSeconds(2);

    internal static async Task RunAsync(Round round, Workload workload, BrokerProtection off, BrokerVerdict verdict, Tally tally)
    {
        World world = round.Place == Places.Process ? new ProcessWorld(round.Durability) : new SimulatedWorld(off);
        await using (world)
        {
            using var ending = new CancellationTokenSource();
            var ledger = new Ledger();
            var stage = new Stage(world.Proxy.Address, world.Session, off, round.IsCooperative)
            {
                World = world, Ledger = ledger, Keys = new KeyedLedger(ledger, () => world.ClockJumps), Ending = ending.Token, IsCopied = workload == Workload.All,
            };
            await world.StartAsync();
            await CreateTopicsAsync(stage);
            using var stopping = new CancellationTokenSource();
            Task[] clients = [.. Clients(stage, workload, new Random(round.Seed), stopping.Token).Select(client => WatchAsync(stage, client))];
            Task[] copiers = stage.IsCopied ? [.. Copiers(stage, new Random(round.Seed)).Select(copier => WatchAsync(stage, copier))] : [];
            var random = new Random(round.Seed);
            foreach ((FaultKind kind, int seed) in round.Faults)
            {
                await Task.Delay(random.Next(10, 150));
                await InjectAsync(stage, kind, seed);
                tally.Add(kind);
            }

            await Task.Delay(100);
            await stopping.CancelAsync();
            ending.CancelAfter(Patience(stage, EndPatience));
            await Task.WhenAll(clients);
            stage.Drain.Begin();
            ending.CancelAfter(Patience(stage, EndPatience));
            await Task.WhenAll(copiers);
            // Whoever did not end in time is told so, and the judge has time of its own.
            using var judging = new CancellationTokenSource(EndPatience);
            stage.Ending = judging.Token;
            try
            {
                await JudgeAsync(stage, verdict);
            }
            catch (OperationCanceledException)
            {
                verdict.Others["a round could not be judged"] = (1, $"{round.Place}, seed {round.Seed}");
            }

            tally.SawRecovery(world.SlowestRecovery);
            tally.Burden.Saw(stage.Burden.MemoryBytes, stage.Burden.IdleConnections);
        }
    }

    private static TimeSpan Patience(Stage stage, TimeSpan usual) => stage.Off != BrokerProtection.None && !stage.Ledger.Violations.IsEmpty ? NoticedPatience : usual;

    private static async Task InjectAsync(Stage stage, FaultKind kind, int seed)
    {
        try
        {
            await kind.Inject(stage, new Random(seed));
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            stage.Ledger.Violate("a fault did not go as it should", $"{kind}, seed {seed}: {problem.GetType().Name} {problem.Message}");
        }
    }

    private static IEnumerable<Task> Clients(Stage stage, Workload workload, Random random, CancellationToken stopping)
    {
        for (int partition = 0; partition < Topics.Partitions; partition++)
        {
            var choice = new Random(random.Next());
            var place = new TopicPartition(Topics.Plain, partition);
            string name = $"plain-{partition}";
            yield return IdempotentWriter.RunAsync(stage, name, place, () => stage.Ledger.Begin(name, (place, choice.Next(1, 4))), choice, stopping);
        }

        if (workload == Workload.All)
        {
            yield return BankWriter.RunAsync(stage, "bank-1", isVersion2: false, new Random(random.Next()), stopping);
            yield return BankWriter.RunAsync(stage, "bank-2", isVersion2: true, new Random(random.Next()), stopping);
            yield return KeyedWriter.RunAsync(stage, "keyed-1", isVersion2: false, new Random(random.Next()), stopping);
            yield return KeyedWriter.RunAsync(stage, "keyed-2", isVersion2: true, new Random(random.Next()), stopping);
            var choice = new Random(random.Next());
            TopicPartition place = Topics.Compacted.First();
            yield return IdempotentWriter.RunAsync(stage, "keyed-3", place, () => stage.Keys.Begin("keyed-3", place, choice), choice, stopping);
            foreach (TopicPartition partition in Topics.Compacted) yield return KeyedReader.RunAsync(stage, partition, stopping);
        }

        foreach (TopicPartition partition in Topics.Whole) yield return new PartitionReader(stage, partition).FollowAsync(stopping);
    }

    /// <summary>Two members or three, the second of them a static one.</summary>
    private static IEnumerable<Task> Copiers(Stage stage, Random random)
    {
        int count = random.Next(2, 4);
        for (int i = 1; i <= count; i++) yield return Copier.RunAsync(stage, $"copier-{i}", i == 2 ? "the-second" : null, new Random(random.Next()));
    }

    private static async Task WatchAsync(Stage stage, Task client)
    {
        try
        {
            await client;
        }
        catch (OperationCanceledException)
        {
            stage.Ledger.Violate("a client did not come to its end", "it still waited after a minute");
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            stage.Ledger.Violate("a client failed", $"{problem.GetType().Name} {problem.Message}");
        }
    }

    private static async Task CreateTopicsAsync(Stage stage)
    {
        await using Link link = stage.Link("admin", TimeSpan.FromSeconds(20));
        BrokerConnection connection = await link.OpenAsync(stage.Ending);
        CreateTopicsResponse answer = await connection.SendAsync(new CreateTopicsRequest
        {
            Topics = [.. Topics.Names.Select(static name => new CreateTopicsRequest.CreatableTopic
            {
                Name = name,
                NumPartitions = Topics.Partitions,
                ReplicationFactor = 1,
                Configs = [.. Topics.Settings(name).Select(static one => new CreateTopicsRequest.CreatableTopicConfig { Name = one.Key, Value = one.Value })],
            })],
            timeoutMs = 10_000,
        });
        foreach (CreateTopicsResponse.CreatableTopicResult topic in answer.Topics)
        {
            if (topic.ErrorCode != 0) throw new InvalidOperationException($"Topic {topic.Name} could not be made: {(ErrorCode)topic.ErrorCode}.");
        }
    }

    /// <summary>Who keeps a partition undecided.</summary>
    private static async Task<string> OpenTransactionsAsync(Stage stage, TopicPartition partition)
    {
        await using Link link = stage.Link("judge");
        BrokerConnection connection = await link.OpenAsync(stage.Ending);
        DescribeProducersResponse producers = await connection.SendAsync(new DescribeProducersRequest { Topics = [new() { Name = partition.Topic, PartitionIndexes = [partition.Partition] }] }, cancellation: stage.Ending);
        ListTransactionsResponse transactions = await connection.SendAsync(new ListTransactionsRequest(), cancellation: stage.Ending);
        return string.Join("; ",
            from producer in producers.Topics.Single().Partitions.Single().ActiveProducers
            where producer.CurrentTxnStartOffset >= 0
            let owner = transactions.TransactionStates.FirstOrDefault(one => one.ProducerId == producer.ProducerId)
            select $"producer {producer.ProducerId} epoch {producer.ProducerEpoch} from {producer.CurrentTxnStartOffset}: {owner?.TransactionalId}, {owner?.TransactionState}");
    }

    private static async Task NoteHangingAsync(Stage stage, TopicPartition partition, BrokerVerdict verdict)
    {
        verdict.Hanging++;
        Console.Error.WriteLine($"hanging: {partition}, {await OpenTransactionsAsync(stage, partition)}");
    }

    /// <summary>Read twice: what is seen first tells of which transactions all has to be there.</summary>
    private static async Task JudgeKeysAsync(Stage stage, BrokerVerdict verdict)
    {
        int left = 0;
        foreach (bool isLast in (bool[])[false, true])
        {
            foreach (TopicPartition partition in Topics.Compacted)
            {
                KeyedLedger.Scan scan = stage.Keys.BeginScan(partition, isDecided: isLast);
                (IReadOnlyList<(long Offset, string Value)> records, bool isDecided) = await new PartitionReader(stage, partition).ReadAllAsync(Patience(stage, DecisionPatience));
                if (!isLast || isDecided) stage.Keys.Judge(partition, scan, records);
                else await NoteHangingAsync(stage, partition, verdict);
                if (isLast) left += records.Count;
            }

            stage.Keys.Settle();
        }

        stage.Keys.Count(left);
        verdict.Keyed += stage.Keys.Figures;
    }

    private static async Task JudgeAsync(Stage stage, BrokerVerdict verdict)
    {
        var final = new Dictionary<TopicPartition, IReadOnlyList<(long Offset, string Value)>>();
        if (stage.IsCopied) await JudgeKeysAsync(stage, verdict);
        var reads = Topics.Whole.Select(partition => (Partition: partition, Reading: new PartitionReader(stage, partition).ReadAllAsync(Patience(stage, DecisionPatience)))).ToArray();
        foreach ((TopicPartition partition, Task<(IReadOnlyList<(long Offset, string Value)> Records, bool IsDecided)> reading) in reads)
        {
            (final[partition], bool isDecided) = await reading;
            if (!isDecided) await NoteHangingAsync(stage, partition, verdict);
        }

        HashSet<string> there = [.. final.Values.SelectMany(static records => records).Select(static record => record.Value)];
        foreach ((string writer, long offset) in stage.Offsets)
        {
            long last = stage.Ledger.Attempts.Where(attempt => attempt.Writer == writer && attempt.Values.Values.First().Any(there.Contains)).Select(static attempt => attempt.Number).DefaultIfEmpty(0).Max();
            if (last != offset) stage.Ledger.Violate("offsets did not go with their transaction", $"{writer}: {offset} is committed, and {last} is the last that is seen");
        }

        if (stage.IsCopied)
        {
            await using Link link = stage.Link("judge");
            verdict.Copied += CopyVerdict.Judge(stage.Ledger, final, await GroupOffsets.FetchAsync(link, stage.Ledger.Groups, GroupMember.Group, Topics.Sources, stage.Ending));
        }

        verdict.Judge(stage.Ledger, final);
    }
}

/// <summary>Which clients work in a round.</summary>
internal enum Workload
{
    /// <summary>All of them.</summary>
    All = 0,

    /// <summary>Idempotent producers only.</summary>
    Idempotent = 1,
}
