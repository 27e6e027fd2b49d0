namespace Pipelines.Soak.Eos;

/// <summary>What the workers run on.</summary>
internal enum EosBroker
{
    /// <summary>The engine inside the process that works.</summary>
    Embedded = 0,

    /// <summary>The broker that ships, as a program.</summary>
    Shipped = 1,

    /// <summary>Apache Kafka, found through KAFKA_HOME.</summary>
    Kafka = 2,

    /// <summary>Three nodes of Apache Kafka.</summary>
    Cluster = 3,
}
