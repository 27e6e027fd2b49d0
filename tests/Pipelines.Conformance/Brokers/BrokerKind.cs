namespace Pipelines.Conformance.Brokers;

/// <summary>Whom a check is run against. A check that fails on Apache Kafka is itself wrong.</summary>
public enum BrokerKind
{
    /// <summary>Apache Kafka's released broker, of the folder named by KAFKA_HOME.</summary>
    ApacheKafka,

    /// <summary>The broker of this repository, as a program.</summary>
    Pipelines,

    /// <summary>A broker that someone else has started; its address is in PIPELINES_CONFORMANCE_BOOTSTRAP.</summary>
    Given,
}
