using System.Diagnostics;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Eos;

/// <summary>Gives the partitions of a topic other leaders while all nodes run: who coordinates what its partitions hold is another node then.</summary>
/// <remarks>Source: KIP-455, KIP-460. A reassignment to the same replicas in another order changes which one is preferred; an election makes it the leader.</remarks>
internal sealed class CoordinatorMove(IReadOnlyList<(string Host, int Port)> bootstrap, string topic)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Moves every partition of the topic that has another replica in sync.</summary>
    /// <returns>How many have another leader now; at least one.</returns>
    /// <exception cref="TimeoutException">None could be moved.</exception>
    internal async Task<int> RunAsync()
    {
        await using var client = new BrokerClient(bootstrap);
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            try
            {
                Dictionary<int, int> wanted = await ReassignAsync(client);
                if (wanted.Count > 0 && await ElectAsync(client, wanted) is > 0 and int moved) return moved;
            }
            catch (BrokerConnectionException)
            {
                // A node that was killed just before may still be named.
            }

            await Task.Delay(500);
        }

        throw new TimeoutException($"No partition of {topic} could be given another leader in {Patience.TotalSeconds} s.");
    }

    /// <summary>Puts a replica that is in sync and does not lead first.</summary>
    /// <returns>The leaders that are to be.</returns>
    private async Task<Dictionary<int, int>> ReassignAsync(BrokerClient client)
    {
        var wanted = new Dictionary<int, int>();
        var request = new AlterPartitionReassignmentsRequest { TimeoutMs = 10_000, Topics = [new() { Name = topic }] };
        foreach (MetadataResponse.MetadataResponsePartition partition in await PartitionsAsync(client))
        {
            int next = partition.IsrNodes.Find(node => node != partition.LeaderId);
            if (partition.LeaderId < 0 || next <= 0) continue;
            wanted[partition.PartitionIndex] = next;
            request.Topics[0].Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, Replicas = [next, .. partition.ReplicaNodes.Where(node => node != next)] });
        }

        if (wanted.Count > 0) await (await client.ControllerAsync()).SendAsync(request);
        return wanted;
    }

    private async Task<int> ElectAsync(BrokerClient client, Dictionary<int, int> wanted)
    {
        for (int tries = 0; tries < 20; tries++)
        {
            await (await client.ControllerAsync()).SendAsync(new ElectLeadersRequest { TimeoutMs = 10_000, TopicPartitions = [new() { Topic = topic, Partitions = [.. wanted.Keys] }] });
            await Task.Delay(100);
            List<MetadataResponse.MetadataResponsePartition> now = await PartitionsAsync(client);
            int moved = now.Count(partition => wanted.TryGetValue(partition.PartitionIndex, out int leader) && partition.LeaderId == leader);
            if (moved == wanted.Count || (tries == 19 && moved > 0)) return moved;
        }

        return 0;
    }

    private async Task<List<MetadataResponse.MetadataResponsePartition>> PartitionsAsync(BrokerClient client) =>
        (await (await client.AnyAsync()).SendAsync(new MetadataRequest { Topics = [new() { Name = topic }], AllowAutoTopicCreation = false })).Topics.Single().Partitions;
}
