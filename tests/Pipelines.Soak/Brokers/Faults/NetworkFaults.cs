using System.Net.Sockets;
using Pipelines.Broker;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Soak.Brokers.Clients;
using Pipelines.Soak.Brokers.Network;
using Pipelines.Soak.Brokers.Worlds;

namespace Pipelines.Soak.Brokers.Faults;

/// <summary>What networks do to requests and answers: F22 to F28.</summary>
internal static class NetworkFaults
{
    private static readonly ApiKey[] Steps =
    [
        ApiKey.Produce, ApiKey.AddPartitionsToTxn, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn, ApiKey.InitProducerId, ApiKey.Fetch,
        ApiKey.JoinGroup, ApiKey.SyncGroup, ApiKey.Heartbeat, ApiKey.OffsetFetch,
    ];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    internal static IEnumerable<FaultKind> All =>
    [
        new(22, "a connection is cut in the middle of a request or an answer", Places.Both, static (stage, random) =>
            MeetAsync(stage, random, new Trouble(random.Next(2) == 0 ? TroubleKind.CutRequest : TroubleKind.CutAnswer, Step(random), answerBytes: random.Next(1, 40)))),
        new(24, "a request arrives twice, over two connections", Places.Both, static (stage, random) => MeetAsync(stage, random, new Trouble(TroubleKind.Twice, Step(random)))),
        new(25, "a request is overtaken by those of other connections", Places.Both, OvertakenAsync),
        new(26, "a connection is half open, or the broker is frozen", Places.Both, HalfOpenAsync),
        new(27, "a request arrives one byte at a time", Places.Both, static (stage, random) => MeetAsync(stage, random, new Trouble(TroubleKind.Dribble, Step(random)))),
        new(28, "a connection is reset in the middle of a long answer to a fetch", Places.Both, ResetAsync),
    ];

    private static ApiKey Step(Random random) => Steps[random.Next(Steps.Length)];

    private static async Task MeetAsync(Stage stage, Random random, params Trouble[] troubles)
    {
        foreach (Trouble trouble in troubles)
        {
            stage.World.Proxy.Add(trouble);
            await Task.WhenAny(trouble.Met, Task.Delay(Patience, stage.Ending));
            await Task.Delay(random.Next(1, 50), stage.Ending);
        }
    }

    private static async Task OvertakenAsync(Stage stage, Random random)
    {
        var held = new Trouble(TroubleKind.Hold, Step(random));
        await MeetAsync(stage, random, held);
        await Task.Delay(random.Next(20, 600), stage.Ending);
        held.Release();
    }

    private static async Task HalfOpenAsync(Stage stage, Random random)
    {
        if (stage.World is ProcessWorld process && random.Next(2) == 0)
        {
            // Longer than clients wait for an answer.
            await process.HoldAsync(TimeSpan.FromSeconds(2));
            return;
        }

        await MeetAsync(stage, random, new Trouble(TroubleKind.HalfOpen, Step(random)));
    }

    private static async Task ResetAsync(Stage stage, Random random)
    {
        const int Megabyte = 1 << 20;
        await using Link link = stage.Link(stage.NewName("F28"));
        var place = new TopicPartition(Topics.Plain, random.Next(Topics.Partitions));
        for (int tries = 0; tries < 3; tries++)
        {
            try
            {
                BrokerConnection connection = await link.OpenAsync(stage.Ending);
                string name = stage.NewName("F28-large");
                Attempt attempt = stage.Ledger.Begin(name, (place, 1));
                // What follows a blank is filling.
                byte[] batch = Batch.Of(BatchProducer.None, $"{attempt.Values[place][0]} {new string('x', Megabyte)}");
                (ErrorCode error, long offset) = await Batch.ProduceAsync(connection, place, batch, null, null, stage.Ending);
                if (error != ErrorCode.None) continue;
                (attempt.Outcome, attempt.Offset) = (Outcome.Committed, offset);
                stage.World.Proxy.Add(new Trouble(TroubleKind.CutAnswer, ApiKey.Fetch, link.ClientId, random.Next(1000, Megabyte)));
                await connection.SendAsync(new FetchRequest
                {
                    MaxBytes = 2 * Megabyte,
                    IsolationLevel = 1,
                    SessionEpoch = -1,
                    Topics = [new() { Topic = place.Topic, Partitions = [new() { Partition = place.Partition, FetchOffset = offset, PartitionMaxBytes = 2 * Megabyte, CurrentLeaderEpoch = -1 }] }],
                }, version: 12, stage.Ending);
            }
            catch (BrokerConnectionException)
            {
                return;
            }
        }
    }
}
