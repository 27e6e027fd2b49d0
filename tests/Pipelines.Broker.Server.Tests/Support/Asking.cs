using System.Security.Cryptography;
using Pipelines.Broker.Security;
using Pipelines.Protocol.Client;
using Pipelines.Protocol.Messages;
using Pipelines.Protocol.Records;
using Pipelines.Protocol.Security;

namespace Pipelines.Broker.Server.Tests.Support;

/// <summary>Requests that tests make often, and the error codes of their answers.</summary>
internal static class Asking
{
    internal static async Task<ErrorCode> CreateTopicAsync(this BrokerConnection connection, string topic) =>
        (ErrorCode)(await connection.SendAsync(new CreateTopicsRequest { Topics = [new() { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }], timeoutMs = 5000 })).Topics.Single().ErrorCode;

    internal static async Task<ErrorCode> ProduceAsync(this BrokerConnection connection, string topic, string? transactionalId = null, BatchProducer? producer = null)
    {
        var batch = new RecordBatchWriter();
        batch.Add(1, "key"u8, "value"u8);
        ProduceResponse answer = await connection.SendAsync(new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 5000,
            TransactionalId = transactionalId,
            TopicData = [new() { Name = topic, PartitionData = [new() { Index = 0, Records = batch.Complete(producer ?? BatchProducer.None) }] }],
        }, version: 9);
        return (ErrorCode)answer.Responses.Single().PartitionResponses.Single().ErrorCode;
    }

    internal static async Task<ErrorCode> FetchAsync(this BrokerConnection connection, string topic)
    {
        FetchResponse answer = await connection.SendAsync(new FetchRequest
        {
            MaxBytes = 1000,
            SessionEpoch = -1,
            Topics = [new() { Topic = topic, Partitions = [new() { Partition = 0, PartitionMaxBytes = 1000, CurrentLeaderEpoch = -1 }] }],
        }, version: 12);
        return (ErrorCode)answer.Responses.Single().Partitions.Single().ErrorCode;
    }

    internal static Task<ErrorCode> AllowAsync(this BrokerConnection connection, string user, Operation operation, ResourceKind kind, string name, PatternKind pattern = PatternKind.Literal) =>
        connection.CreateAclAsync(new AclRule(kind, pattern, name, $"User:{user}", "*", operation, Permission.Allow));

    internal static Task<ErrorCode> DenyAsync(this BrokerConnection connection, string user, Operation operation, ResourceKind kind, string name, PatternKind pattern = PatternKind.Literal) =>
        connection.CreateAclAsync(new AclRule(kind, pattern, name, $"User:{user}", "*", operation, Permission.Deny));

    internal static async Task<ErrorCode> CreateAclAsync(this BrokerConnection connection, AclRule rule) => (ErrorCode)(await connection.SendAsync(new CreateAclsRequest
    {
        Creations =
        [
            new()
            {
                ResourceType = (sbyte)rule.Kind,
                ResourcePatternType = (sbyte)rule.Pattern,
                ResourceName = rule.Name,
                Principal = rule.Principal,
                Host = rule.Host,
                Operation = (sbyte)rule.Operation,
                PermissionType = (sbyte)rule.Permission,
            },
        ],
    })).Results.Single().ErrorCode;

    /// <summary>Sets a password, or deletes it when it is null.</summary>
    internal static async Task<ErrorCode> SetPasswordAsync(
        this BrokerConnection connection, string user, string? password, SaslMechanism mechanism = SaslMechanism.ScramSha256, int iterations = ScramHash.LeastIterations)
    {
        var request = new AlterUserScramCredentialsRequest();
        if (password is null)
        {
            request.Deletions.Add(new() { Name = user, Mechanism = (sbyte)mechanism });
        }
        else
        {
            byte[] salt = RandomNumberGenerator.GetBytes(20);
            ScramHash scram = mechanism == SaslMechanism.ScramSha512 ? ScramHash.Sha512 : ScramHash.Sha256;
            request.Upsertions.Add(new() { Name = user, Mechanism = (sbyte)mechanism, Iterations = iterations, Salt = salt, SaltedPassword = scram.SaltedPassword(password, salt, Math.Max(1, iterations)) });
        }

        return (ErrorCode)(await connection.SendAsync(request)).Results.Single().ErrorCode;
    }
}
