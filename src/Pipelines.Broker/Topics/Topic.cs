using Pipelines.Broker.Log;

namespace Pipelines.Broker.Topics;

/// <summary>A topic of the engine.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id, which a topic of the same name made later does not share.</param>
/// <param name="Settings">Its settings, in Kafka's words, such as <c>cleanup.policy</c>.</param>
/// <param name="Partitions">Its partitions.</param>
internal sealed record Topic(string Name, Guid Id, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<PartitionLog> Partitions);

/// <summary>A topic.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id, which a topic of the same name made later does not share.</param>
/// <param name="Partitions">The number of its partitions.</param>
/// <param name="Settings">Its settings, in Kafka's words; what is not among them is as the engine's defaults say.</param>
public sealed record TopicDescription(string Name, Guid Id, int Partitions, IReadOnlyDictionary<string, string> Settings);
