using Pipelines.Broker;
using Pipelines.Protocol.Messages;

namespace Pipelines.Soak.Brokers.Clients;

/// <content>Offsets of a group that go with a transaction.</content>
internal sealed partial class Transactor
{
    private async Task AddOffsetsAsync(GroupCommit offsets, CancellationToken cancellation)
    {
        if (off == BrokerProtection.Offsets)
        {
            // Beside the transaction.
            await link.AskAsync("OffsetCommit", async connection => (ErrorCode)(await connection.SendAsync(new OffsetCommitRequest
            {
                GroupId = offsets.Group,
                GenerationIdOrMemberEpoch = offsets.Claim.Generation,
                MemberId = offsets.Claim.MemberId,
                GroupInstanceId = offsets.Claim.InstanceId,
                Topics = [.. offsets.Offsets.GroupBy(static one => one.Key.Topic).Select(static topic => new OffsetCommitRequest.OffsetCommitRequestTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(static one => new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = one.Key.Partition, CommittedOffset = one.Value, CommittedMetadata = "" })],
                })],
            }, version: 8, cancellation)).Topics.SelectMany(static topic => topic.Partitions).Select(static one => one.ErrorCode).FirstOrDefault(static error => error != 0), cancellation);
            return;
        }

        if (!isVersion2)
        {
            await link.AskAsync("AddOffsetsToTxn", async connection => (ErrorCode)(await connection.SendAsync(
                new AddOffsetsToTxnRequest { TransactionalId = id, ProducerId = producerId, ProducerEpoch = epoch, GroupId = offsets.Group }, ClassicAdd, cancellation)).ErrorCode, cancellation);
        }

        await StepAsync(5);
        await link.AskAsync("TxnOffsetCommit", async connection =>
        {
            int before = ledger.Groups.Generation(offsets.Group);
            TxnOffsetCommitResponse answer = await connection.SendAsync(new TxnOffsetCommitRequest
            {
                TransactionalId = id,
                GroupId = offsets.Group,
                ProducerId = producerId,
                ProducerEpoch = epoch,
                GenerationId = offsets.Claim.Generation,
                MemberId = offsets.Claim.MemberId,
                GroupInstanceId = offsets.Claim.InstanceId,
                Topics = [.. offsets.Offsets.GroupBy(static one => one.Key.Topic).Select(static topic => new TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
                {
                    Name = topic.Key,
                    Partitions = [.. topic.Select(static one => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition { PartitionIndex = one.Key.Partition, CommittedOffset = one.Value, CommittedMetadata = "" })],
                })],
            }, isVersion2 ? null : ClassicAdd, cancellation);
            short error = answer.Topics.SelectMany(static topic => topic.Partitions).Select(static one => one.ErrorCode).FirstOrDefault(static error => error != 0);
            if (error == 0) ledger.Groups.SawTaken("TxnOffsetCommit", offsets.Claim, before);
            return (ErrorCode)error;
        }, cancellation);
        await StepAsync(6);
    }
}
