using Pipelines.Broker.Journal;

namespace Pipelines.Broker;

/// <content>What the cluster is called. Set once; read beside the loop.</content>
internal sealed partial class EngineState
{
    private volatile string? clusterId;

    internal string? ClusterId => clusterId;

    internal Outcome<string> NameCluster(string id)
    {
        journal.Append(new ClusterNamed(id));
        return new(id, IsWrite: true, () => clusterId = id);
    }
}
