namespace Pipelines.Kafka;

/// <summary>What a pipeline on a Kafka cluster promises when processes or brokers fail.</summary>
/// <remarks>Source: <c>processing.guarantee</c> of Kafka Streams, whose names the setting has.</remarks>
public enum ProcessingGuarantee
{
    /// <summary>Outputs, state and progress are one transaction: each record counts once.</summary>
    ExactlyOnce = 0,

    /// <summary>No transactions: outputs are visible as soon as they are written, and after a failure records since the last commit are handled again, also on top of state that has them already.</summary>
    AtLeastOnce = 1,
}
