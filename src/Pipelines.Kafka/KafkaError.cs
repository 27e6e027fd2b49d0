using Pipelines.Runtime.Brokers;

namespace Pipelines.Kafka;

/// <summary>The error codes that the seam tells apart.</summary>
/// <remarks>Source: Kafka protocol, error codes.</remarks>
internal enum KafkaError : short
{
    None = 0,
    OffsetOutOfRange = 1,
    CorruptMessage = 2,
    UnknownTopicOrPartition = 3,
    LeaderNotAvailable = 5,
    NotLeaderOrFollower = 6,
    RequestTimedOut = 7,
    ReplicaNotAvailable = 9,
    MessageTooLarge = 10,
    NetworkException = 13,
    CoordinatorLoadInProgress = 14,
    CoordinatorNotAvailable = 15,
    NotCoordinator = 16,
    InvalidTopic = 17,
    NotEnoughReplicas = 19,
    NotEnoughReplicasAfterAppend = 20,
    IllegalGeneration = 22,
    InconsistentGroupProtocol = 23,
    UnknownMemberId = 25,
    InvalidSessionTimeout = 26,
    RebalanceInProgress = 27,
    TopicAuthorizationFailed = 29,
    GroupAuthorizationFailed = 30,
    ClusterAuthorizationFailed = 31,
    InvalidTimestamp = 32,
    TopicAlreadyExists = 36,
    InvalidPartitions = 37,
    InvalidReplicationFactor = 38,
    InvalidConfig = 40,
    NotController = 41,
    PolicyViolation = 44,
    InvalidProducerEpoch = 47,
    InvalidTransactionTimeout = 50,
    ConcurrentTransactions = 51,
    TransactionalIdAuthorizationFailed = 53,
    KafkaStorageError = 56,
    MemberIdRequired = 79,
    GroupMaxSizeReached = 81,
    FencedInstanceId = 82,
    UnstableOffsetCommit = 88,
    ProducerFenced = 90,
    TransactionalIdNotFound = 105,
}

/// <summary>What errors of brokers mean to the runtime, in one place.</summary>
internal static class KafkaErrors
{
    /// <summary>True where the same request may succeed a moment later.</summary>
    internal static bool IsPassing(short code) => (KafkaError)code is
        KafkaError.LeaderNotAvailable or KafkaError.NotLeaderOrFollower or KafkaError.RequestTimedOut or KafkaError.ReplicaNotAvailable or KafkaError.NetworkException
        or KafkaError.CoordinatorLoadInProgress or KafkaError.CoordinatorNotAvailable or KafkaError.NotCoordinator or KafkaError.NotEnoughReplicas
        or KafkaError.NotEnoughReplicasAfterAppend or KafkaError.NotController or KafkaError.ConcurrentTransactions or KafkaError.KafkaStorageError or KafkaError.UnstableOffsetCommit;

    /// <summary>True where the leader of a partition has to be looked up again.</summary>
    internal static bool IsMoved(short code) => (KafkaError)code is
        KafkaError.NotLeaderOrFollower or KafkaError.LeaderNotAvailable or KafkaError.UnknownTopicOrPartition or KafkaError.ReplicaNotAvailable or KafkaError.KafkaStorageError;

    /// <summary>True where the group has gone on without the member.</summary>
    internal static bool IsLost(short code) => (KafkaError)code is KafkaError.IllegalGeneration or KafkaError.UnknownMemberId or KafkaError.FencedInstanceId;

    /// <summary>What a refused request comes to.</summary>
    /// <param name="code">The broker's code.</param>
    /// <param name="what">What was asked, as the beginning of a sentence.</param>
    /// <param name="said">The broker's own words.</param>
    /// <param name="lacking">Who lacks which right, and how to give it.</param>
    internal static BrokerException Refused(short code, string what, string? said = null, string? lacking = null)
    {
        bool isFenced = (KafkaError)code is KafkaError.ProducerFenced or KafkaError.InvalidProducerEpoch;
        string name = Enum.IsDefined((KafkaError)code) ? ((KafkaError)code).ToString() : $"error {code}";
        string why = Remedy(code) ?? (string.IsNullOrWhiteSpace(said) ? "the broker refused" : said.TrimEnd('.'));
        string message = lacking is null ? $"{what}: {why} ({name})." : $"{what} ({name}): {lacking}";
        return new BrokerException(message, isFatal: IsHopeless(code)) { IsFenced = isFenced, IsGroupLost = IsLost(code) };
    }

    /// <summary>True where trying again cannot help before somebody changes something.</summary>
    private static bool IsHopeless(short code) => (KafkaError)code is
        KafkaError.TopicAuthorizationFailed or KafkaError.GroupAuthorizationFailed or KafkaError.ClusterAuthorizationFailed or KafkaError.TransactionalIdAuthorizationFailed
        or KafkaError.InvalidTopic or KafkaError.InvalidPartitions or KafkaError.InvalidReplicationFactor or KafkaError.InvalidConfig or KafkaError.PolicyViolation
        or KafkaError.InconsistentGroupProtocol or KafkaError.InvalidSessionTimeout or KafkaError.GroupMaxSizeReached or KafkaError.FencedInstanceId
        or KafkaError.InvalidTransactionTimeout or KafkaError.MessageTooLarge or KafkaError.InvalidTimestamp;

    private static string? Remedy(short code) => (KafkaError)code switch
    {
        KafkaError.InconsistentGroupProtocol => "the group has members of another kind; give the application a name that no other consumer group has",
        KafkaError.InvalidSessionTimeout => "session.timeout.ms is outside of what the cluster allows with group.min.session.timeout.ms and group.max.session.timeout.ms",
        KafkaError.GroupMaxSizeReached => "the group has as many members as the cluster's group.max.size allows; start fewer, or raise that",
        KafkaError.FencedInstanceId => "another process has the same group.instance.id; give each process one of its own",
        KafkaError.IllegalGeneration or KafkaError.UnknownMemberId => "the group has gone on without this member",
        KafkaError.InvalidTransactionTimeout => "the transaction's time-out is above the cluster's transaction.max.timeout.ms; lower it, or raise that",
        KafkaError.MessageTooLarge => "a batch is larger than the topic's max.message.bytes; raise that to 2 MiB for topics that the pipeline writes",
        KafkaError.InvalidTimestamp => "an event time is too far from the broker's clock; set message.timestamp.before.max.ms and message.timestamp.after.max.ms of the topic (before Kafka 3.6 message.timestamp.difference.max.ms)",
        KafkaError.UnknownTopicOrPartition => "there is no such topic or partition; create the topic, or correct the name",
        KafkaError.ProducerFenced or KafkaError.InvalidProducerEpoch => "another producer has taken the transactional id over, or the transaction was open for longer than its time-out",
        _ => null,
    };
}
