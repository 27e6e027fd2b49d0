using Pipelines.Broker.Server;
using Pipelines.Broker.Server.Faults;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime;
using Pipelines.Runtime.Brokers;
using Pipelines.Runtime.Clients;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Watching;

/// <summary>What a worker tells while it restores, and when nothing moves.</summary>
public sealed class WatchdogTests
{
    [Fact(Timeout = 120_000)]
    public async Task A_long_restore_tells_how_far_it_is_and_the_task_runs_afterwards()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await using KafkaBroker seam = Open(broker, "feeder");
        await SendAsync(seam, keys: 3_000, count: 6_000);
        await using (KafkaBroker own = Open(broker, "worker"))
        await using (PipelineWorker first = Worker(own, new LogLines()))
        {
            await first.StartAsync();
            await first.DrainAsync();
        }

        var log = new LogLines();
        await using KafkaBroker slow = Open(broker, "slow");
        await using PipelineWorker worker = Worker(slow, log);
        Task starting;
        using (broker.Faults.Intercept(ApiKey.Fetch, static request => request.ClientId == "slow" ? Fault.Delay(TimeSpan.FromMilliseconds(150)) : Fault.None))
        {
            starting = worker.StartAsync();
            TaskReport restoring = await FindAsync(worker, static task => task is { Activity: TaskActivity.Restoring, Topic: "app.counter.changelog", Position: > 0, Left: not null });
            Assert.True(restoring.Target > restoring.Position);
            Assert.True(restoring.Rate > 0);
            await log.FindAsync("Information: Restoring app.counter.changelog/0: at ", " records/s, about ", " s left");
        }

        await starting;
        await worker.DrainAsync();
        TaskReport running = Assert.Single(worker.Tasks);
        Assert.Equal(("counter", 0, TaskActivity.Running, 0L, null), (running.Deployment, running.Partition, running.Activity, running.Behind, running.Reason));
    }

    [Theory(Timeout = 120_000), InlineData(false), InlineData(true)]
    public async Task Who_has_a_transaction_open_that_holds_a_task_up_is_named(bool restores)
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await using KafkaBroker seam = Open(broker, "feeder");
        await SendAsync(seam, keys: 10, count: 100);
        var log = new LogLines();
        await using KafkaBroker own = Open(broker, "worker");
        await using PipelineWorker worker = Worker(own, log);
        string held = restores ? "app.counter.changelog" : "numbers";
        if (!restores)
        {
            await worker.StartAsync();
            await worker.DrainAsync();
        }
        else
        {
            await seam.CreateTopicAsync(held, 1, isCompacted: true);
        }

        Task starting = Task.CompletedTask;
        using (broker.Faults.Intercept(ApiKey.EndTxn, static request => request.ClientId == "holder" ? Fault.Hang : Fault.None))
        {
            await using KafkaBroker forgetful = Open(broker, "holder");
            RecordWriter writer = await RecordWriter.OpenAsync(forgetful, "forgetful-app");
            await writer.PrepareAsync(held);
            writer.Send(held, hasKey: true, "?"u8, hasValue: true, "?"u8, 1_700_000_000_000);
            Task committing = writer.CommitAsync().AsTask();
            if (restores) starting = worker.StartAsync();
            string line = await log.FindAsync($"{held}/0 does not go on at offset ", "the transaction of 'forgetful-app' (producer ", "open for ", "pipelines transactions abort forgetful-app");
            Assert.StartsWith("Warning: ", line, StringComparison.Ordinal);
            TaskReport stuck = await FindAsync(worker, static task => task.Activity == TaskActivity.Stuck);
            Assert.Contains("forgetful-app", stuck.Reason, StringComparison.Ordinal);
            Assert.Equal(held, stuck.Topic);
            await Assert.ThrowsAsync<BrokerException>(() => committing);
        }

        // Somebody takes the transactional id over, as the owner's next start would: the transaction is aborted, and all goes on.
        await using (await seam.OpenProducerAsync("forgetful-app"))
        {
            await starting;
            await SendAsync(seam, keys: 10, count: 100);
            await worker.DrainAsync();
        }

        await FindAsync(worker, static task => task is { Activity: TaskActivity.Running, Behind: 0, Reason: null });
    }

    [Fact(Timeout = 120_000)]
    public async Task Who_has_not_decided_how_far_the_group_has_come_is_named()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        await using KafkaBroker seam = Open(broker, "feeder");
        await SendAsync(seam, keys: 10, count: 100);
        var log = new LogLines();
        await using KafkaBroker own = Open(broker, "worker");
        await using PipelineWorker worker = Worker(own, log);
        Task starting;
        var isEnding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (broker.Faults.Intercept(ApiKey.EndTxn, request =>
        {
            if (request.ClientId != "holder") return Fault.None;
            isEnding.TrySetResult();
            return Fault.Hang;
        }))
        {
            // A process of the application that ended in the middle of a commit.
            await using KafkaBroker holder = Open(broker, "holder");
            await using ITransactionalProducer gone = await holder.OpenProducerAsync("app-gone");
            var commit = new BrokerTransaction { Group = "app" };
            commit.Offsets.Add(new OffsetCommit("numbers", 0, 50));
            Task committing = gone.CommitAsync(commit).AsTask();
            await isEnding.Task;
            starting = worker.StartAsync();
            string line = await log.FindAsync("numbers/0 cannot be taken over yet: how far group 'app' has come depends on the end of the transaction of 'app-gone' (producer ", ", open for ", "pipelines transactions abort app-gone");
            Assert.StartsWith("Warning: ", line, StringComparison.Ordinal);
            TaskReport stuck = await FindAsync(worker, static task => task.Activity == TaskActivity.Stuck);
            Assert.Contains("app-gone", stuck.Reason, StringComparison.Ordinal);
            Assert.Equal("numbers", stuck.Topic);
            await Assert.ThrowsAsync<BrokerException>(() => committing);
        }

        // The transaction is aborted, and all goes on.
        await using (await seam.OpenProducerAsync("app-gone")) await starting;
        await worker.DrainAsync();
        await FindAsync(worker, static task => task is { Activity: TaskActivity.Running, Behind: 0, Reason: null });
    }

    private static KafkaBroker Open(EmbeddedBroker broker, string client) =>
        new(KafkaOptions.From([new("bootstrap.servers", broker.BootstrapServers), new("client.id", client), new("request.timeout.ms", "8000"), new("transaction.timeout.ms", "60000")]));

    private static PipelineWorker Worker(IBroker broker, LogLines log) => new(
        broker,
        [new Deployment(new OneDetector("counter"))],
        new WorkerOptions { Application = "app", CommitInterval = TimeSpan.FromMilliseconds(10), WatchInterval = TimeSpan.FromMilliseconds(200), FetchBytes = 2_000 },
        log);

    private static async Task<TaskReport> FindAsync(PipelineWorker worker, Func<TaskReport, bool> wanted)
    {
        for (int tries = 0; tries < 500; tries++)
        {
            if (worker.Tasks.FirstOrDefault(wanted) is { } found) return found;
            await Task.Delay(20);
        }

        throw new InvalidOperationException($"No task is as wanted: {string.Join("; ", worker.Tasks)}");
    }

    private static async Task SendAsync(IBroker broker, int keys, int count)
    {
        await using RecordWriter writer = await RecordWriter.OpenAsync(broker, "feeder");
        await writer.PrepareAsync("numbers");
        for (int value = 0; value < count; value++)
        {
            writer.Send(new Number($"key-{value % keys}", value));
            if (value % 50 == 0) await writer.CommitAsync();
        }

        await writer.CommitAsync();
    }
}
