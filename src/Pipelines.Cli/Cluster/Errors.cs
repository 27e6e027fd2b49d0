using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Pipelines.Broker;

namespace Pipelines.Cli.Cluster;

/// <summary>What error codes of brokers mean to a person.</summary>
internal static class Errors
{
    // Codes that the shipped broker never answers with, but others do.
    private static readonly Dictionary<short, string> OtherNames = new()
    {
        [5] = "LeaderNotAvailable", [6] = "NotLeaderOrFollower", [9] = "ReplicaNotAvailable", [13] = "NetworkException", [18] = "RecordListTooLarge",
        [19] = "NotEnoughReplicas", [20] = "NotEnoughReplicasAfterAppend", [41] = "NotController", [44] = "PolicyViolation", [58] = "SaslAuthenticationFailed",
        [59] = "UnknownProducerId", [60] = "ReassignmentInProgress", [73] = "TopicDeletionDisabled", [89] = "ThrottlingQuotaExceeded",
    };

    /// <summary>True where the same request may succeed a moment later.</summary>
    internal static bool IsPassing(short code) => code is 5 or 6 or 7 or 13 or 14 or 15 or 16 or 19 or 20 or 41 or (short)ErrorCode.ConcurrentTransactions or (short)ErrorCode.KafkaStorageError;

    /// <summary>Throws unless the code is 0.</summary>
    internal static void Check(short code, string what, string? said = null)
    {
        if (code != 0) Throw(code, what, said);
    }

    /// <summary>Throws what a code means.</summary>
    /// <param name="code">The broker's code.</param>
    /// <param name="what">What was asked, as the beginning of a sentence.</param>
    /// <param name="said">The broker's own words.</param>
    [DoesNotReturn]
    internal static void Throw(short code, string what, string? said = null) => throw new CommandException($"{what}: {Describe(code, said)}");

    /// <summary>A code in words: the broker's own, else ours, and the code's name.</summary>
    internal static string Describe(short code, string? said = null)
    {
        string name = Name(code);
        string meaning = !string.IsNullOrWhiteSpace(said) && Meaning(code) is null ? said.Trim() : Meaning(code) ?? "the broker refused";
        return $"{meaning.TrimEnd('.')} ({name}).";
    }

    /// <summary>Kafka's name of a code.</summary>
    internal static string Name(short code)
    {
        string? name = Enum.GetName((ErrorCode)code) ?? OtherNames.GetValueOrDefault(code);
        if (name is null) return string.Create(CultureInfo.InvariantCulture, $"error {code}");
        var text = new StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0) text.Append('_');
            text.Append(char.ToUpperInvariant(letter));
        }

        return text.ToString();
    }

    private static string? Meaning(short code) => (ErrorCode)code switch
    {
        ErrorCode.UnknownTopicOrPartition => "there is no such topic or partition; see 'pipelines topics list'",
        ErrorCode.TopicAlreadyExists => "it exists already; change it with 'pipelines topics alter'",
        ErrorCode.NonEmptyGroup => "the group has members; stop them first",
        ErrorCode.GroupIdNotFound => "there is no such group; see 'pipelines groups list'",
        ErrorCode.GroupSubscribedToTopic => "the group reads the topic now; stop its members first",
        ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress => "the group has members, who decide about its offsets; stop them first",
        ErrorCode.TransactionalIdNotFound => "there is no such transactional id; see 'pipelines transactions list'",
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch => "another producer with the same transactional id took over",
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed =>
            "the user is not allowed to; ask for an access control entry",
        ErrorCode.OffsetOutOfRange => "the log does not have that offset; see 'pipelines topics describe'",
        ErrorCode.CorruptMessage => "a batch is damaged on the broker's disk; the broker's log says in which file, and from which offset on to read (--from)",
        ErrorCode.MessageTooLarge => "the batch is larger than the topic takes; see its setting max.message.bytes",
        ErrorCode.InvalidRecord => "a record is not one that the topic takes; a compacted topic takes only records with a key (--key-separator)",
        _ => null,
    };
}
