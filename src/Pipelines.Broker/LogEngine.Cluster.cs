namespace Pipelines.Broker;

/// <content>What the cluster is called: in the journal, so that it is lost with everything else or not at all.</content>
public sealed partial class LogEngine
{
    /// <summary>The id of the cluster, or null when it was never given one.</summary>
    internal string? ClusterId => state.ClusterId;

    internal bool HasTopics => state.AllTopics().Count > 0;

    /// <summary>Gives the cluster its id, for good.</summary>
    internal Task<string> NameClusterAsync(string id) => Ask(state => state.NameCluster(id));
}
