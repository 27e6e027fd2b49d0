namespace Pipelines.Broker;

/// <summary>What a request came to; the numbers are Kafka's.</summary>
/// <remarks>Source: Kafka protocol, error codes.</remarks>
public enum ErrorCode : short
{
    /// <summary>It was done.</summary>
    None = 0,

    /// <summary>The offset is before the log's start or after its end.</summary>
    OffsetOutOfRange = 1,

    /// <summary>The batch's checksum, length or record count is wrong.</summary>
    CorruptMessage = 2,

    /// <summary>There is no such topic or partition.</summary>
    UnknownTopicOrPartition = 3,

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

    /// <summary>The topic is there already.</summary>
    TopicAlreadyExists = 36,

    /// <summary>The number of partitions is not allowed.</summary>
    InvalidPartitions = 37,

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

    /// <summary>The storage has failed; nothing more is accepted.</summary>
    KafkaStorageError = 56,

    /// <summary>The group has members.</summary>
    NonEmptyGroup = 68,

    /// <summary>There is no such group.</summary>
    GroupIdNotFound = 69,

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

    /// <summary>There is no such transactional id.</summary>
    TransactionalIdNotFound = 105,

    /// <summary>The transaction cannot go on and should be aborted; its producer may go on after that.</summary>
    TransactionAbortable = 120,

    /// <summary>The regular expression is not one.</summary>
    InvalidRegularExpression = 128,
}
