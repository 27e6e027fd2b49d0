using System.Text;
using Pipelines.Broker.Disk;

namespace Pipelines.Broker.Server;

/// <summary>The id by which clients know a cluster again: 16 random bytes, as Kafka writes them. Given when the folder is new, and kept in the journal.</summary>
internal static class ClusterName
{
    /// <summary>Where earlier versions kept it. It is left there.</summary>
    private const string FormerFile = "cluster-id";

    private const int Length = 22;

    internal static async ValueTask<string> OfAsync(LogEngine engine)
    {
        if (engine.ClusterId is { } known) return known;
        if (FindFormer(engine.Options.Disk) is { } former) return await engine.NameClusterAsync(former);
        string id = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        if (engine.HasTopics)
        {
            engine.Recovery.Add(
                $"The folder holds topics, but no id of the cluster: it was never served to clients, or its file '{FormerFile}' is lost. The cluster is called {id} from now on. "
                + $"Clients that remember the former id take this for another cluster: to keep it, stop the broker before anything is written, restore folder and file from a backup, and start again.");
        }

        return await engine.NameClusterAsync(id);
    }

    private static string? FindFormer(IDisk disk)
    {
        if (!disk.Exists(FormerFile)) return null;
        using IDiskFile file = disk.Open(FormerFile, create: false);
        byte[] bytes = new byte[Length];
        return file.Read(bytes, 0) == Length ? Encoding.ASCII.GetString(bytes) : null;
    }
}
