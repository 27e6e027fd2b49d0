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

    /// <summary>The connection no longer leads to the coordinator: the producer has moved to a newer one.</summary>
    NotCoordinator = 16,

    /// <summary>The topic's name is not allowed.</summary>
    InvalidTopic = 17,

    /// <summary>The group's name is not allowed.</summary>
    InvalidGroupId = 24,

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
