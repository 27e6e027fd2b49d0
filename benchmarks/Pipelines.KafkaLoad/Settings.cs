namespace Pipelines.KafkaLoad;

/// <summary>How large the loads are.</summary>
/// <param name="Records">Records of the input.</param>
/// <param name="Accounts">Different keys.</param>
/// <param name="Commit">The time between commits.</param>
/// <param name="Rate">Records a second where the load is given.</param>
/// <param name="Port">The broker's port; Apache Kafka takes the next one too.</param>
internal sealed record Settings(long Records, int Accounts, TimeSpan Commit, int Rate, int Port);
