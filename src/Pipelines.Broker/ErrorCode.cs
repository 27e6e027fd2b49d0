namespace Pipelines.Broker;

/// <summary>What a request came to; the numbers are Kafka's.</summary>
/// <remarks>Source: Kafka protocol, error codes.</remarks>
public enum ErrorCode : short
{
    /// <summary>Something went wrong that has no code of its own.</summary>
    UnknownServerError = -1,

    /// <summary>It was done.</summary>
    None = 0,

    /// <summary>The offset is before the log's start or after its end.</summary>
    OffsetOutOfRange = 1,

    /// <summary>The batch's checksum, length or record count is wrong.</summary>
    CorruptMessage = 2,

    /// <summary>There is no such topic or partition.</summary>
    UnknownTopicOrPartition = 3,

    /// <summary>It was not done in the time that the request gave.</summary>
    RequestTimedOut = 7,

    /// <summary>The batch is larger than the log takes.</summary>
    MessageTooLarge = 10,

    /// <summary>The text kept with a committed offset is too long.</summary>
    OffsetMetadataTooLarge = 12,

    /// <summary>The group coordinator is still reading what it knew; ask again.</summary>
    CoordinatorLoadInProgress = 14,

    /// <summary>The group coordinator cannot answer now; ask again.</summary>
    CoordinatorNotAvailable = 15,

    /// <summary>The connection no longer leads to the coordinator: the producer has moved to a newer one.</summary>
    NotCoordinator = 16,

    /// <summary>The topic's name is not allowed.</summary>
    InvalidTopic = 17,

    /// <summary>The request's acks is none of -1, 0 and 1.</summary>
    InvalidRequiredAcks = 21,

    /// <summary>The generation is over, or was none.</summary>
    IllegalGeneration = 22,

    /// <summary>The member cannot work with the others of its group.</summary>
    InconsistentGroupProtocol = 23,

    /// <summary>The group's name is not allowed.</summary>
    InvalidGroupId = 24,

    /// <summary>The group has no such member.</summary>
    UnknownMemberId = 25,

    /// <summary>The session time-out is not allowed.</summary>
    InvalidSessionTimeout = 26,

    /// <summary>The group is about to begin a new generation; join again.</summary>
    RebalanceInProgress = 27,

    /// <summary>The principal may not do this with the topic.</summary>
    TopicAuthorizationFailed = 29,

    /// <summary>The principal may not do this with the group.</summary>
    GroupAuthorizationFailed = 30,

    /// <summary>The principal may not do this with the cluster.</summary>
    ClusterAuthorizationFailed = 31,

    /// <summary>A record's time is too far from the broker's.</summary>
    InvalidTimestamp = 32,

    /// <summary>The SASL mechanism is not one of those that the broker has.</summary>
    UnsupportedSaslMechanism = 33,

    /// <summary>The request is not the next step of the SASL exchange.</summary>
    IllegalSaslState = 34,

    /// <summary>The version of the API is not served.</summary>
    UnsupportedVersion = 35,

    /// <summary>The topic is there already.</summary>
    TopicAlreadyExists = 36,

    /// <summary>The number of partitions is not allowed.</summary>
    InvalidPartitions = 37,

    /// <summary>The number of replicas is not allowed.</summary>
    InvalidReplicationFactor = 38,

    /// <summary>The replicas cannot be placed as the request wants.</summary>
    InvalidReplicaAssignment = 39,

    /// <summary>A setting is not known, or its value is not allowed.</summary>
    InvalidConfig = 40,

    /// <summary>The request contradicts itself, or lacks what it needs.</summary>
    InvalidRequest = 42,

    /// <summary>The batch is not of format v2.</summary>
    UnsupportedForMessageFormat = 43,

    /// <summary>Batches are missing between the last one and this.</summary>
    OutOfOrderSequenceNumber = 45,

    /// <summary>The batch was appended before, too long ago to say where.</summary>
    DuplicateSequenceNumber = 46,

    /// <summary>A producer with a later epoch has taken over.</summary>
    InvalidProducerEpoch = 47,

    /// <summary>The transaction is not in a state for that.</summary>
    InvalidTxnState = 48,

    /// <summary>The producer id does not belong to the transactional id.</summary>
    InvalidProducerIdMapping = 49,

    /// <summary>The transaction's time-out is not allowed.</summary>
    InvalidTransactionTimeout = 50,

    /// <summary>The transaction is just ending; ask again.</summary>
    ConcurrentTransactions = 51,

    /// <summary>The principal may not do this with the transactional id.</summary>
    TransactionalIdAuthorizationFailed = 53,

    /// <summary>There are no access control lists here: authorization is off.</summary>
    SecurityDisabled = 54,

    /// <summary>Nothing was done, because another part of the request was refused.</summary>
    OperationNotAttempted = 55,

    /// <summary>The storage has failed; nothing more is accepted.</summary>
    KafkaStorageError = 56,

    /// <summary>The credentials are wrong.</summary>
    SaslAuthenticationFailed = 58,

    /// <summary>The group has members.</summary>
    NonEmptyGroup = 68,

    /// <summary>There is no such group.</summary>
    GroupIdNotFound = 69,

    /// <summary>There is no such fetch session.</summary>
    FetchSessionIdNotFound = 70,

    /// <summary>The leader epoch is older than the partition's.</summary>
    FencedLeaderEpoch = 74,

    /// <summary>The leader epoch is newer than the partition's.</summary>
    UnknownLeaderEpoch = 75,

    /// <summary>The batch is compressed in a way that is not known.</summary>
    UnsupportedCompressionType = 76,

    /// <summary>The member was given an id, and has to ask again with it.</summary>
    MemberIdRequired = 79,

    /// <summary>The group takes no more members.</summary>
    GroupMaxSizeReached = 81,

    /// <summary>Another member with the same name has taken over.</summary>
    FencedInstanceId = 82,

    /// <summary>Members of the group read the topic.</summary>
    GroupSubscribedToTopic = 86,

    /// <summary>The batch is of a kind that a producer may not send, or does not hold what its header says.</summary>
    InvalidRecord = 87,

    /// <summary>The offset is part of a transaction that is still open.</summary>
    UnstableOffsetCommit = 88,

    /// <summary>A producer with the same transactional id has taken over.</summary>
    ProducerFenced = 90,

    /// <summary>What was to be changed is not there.</summary>
    ResourceNotFound = 91,

    /// <summary>The request names the same thing twice.</summary>
    DuplicateResource = 92,

    /// <summary>The credential is not one that the broker takes.</summary>
    UnacceptableCredential = 93,

    /// <summary>No topic has the id: it was deleted, perhaps, and made anew.</summary>
    UnknownTopicId = 100,

    /// <summary>There is no such transactional id.</summary>
    TransactionalIdNotFound = 105,

    /// <summary>There are no endpoints of that kind.</summary>
    UnsupportedEndpointType = 115,

    /// <summary>The transaction cannot go on and should be aborted; its producer may go on after that.</summary>
    TransactionAbortable = 120,

    /// <summary>The regular expression is not one.</summary>
    InvalidRegularExpression = 128,
}
