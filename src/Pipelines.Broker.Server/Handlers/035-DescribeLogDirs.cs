using Pipelines.Broker.Disk;
using Pipelines.Broker.Log;
using Pipelines.Broker.Server.Requests;
using Pipelines.Broker.Topics;
using Pipelines.Protocol.Messages;

namespace Pipelines.Broker.Server.Handlers;

/// <summary>Tells the size of partitions on the disk; there is one data folder.</summary>
/// <remarks>Source: KIP-113.</remarks>
internal sealed class DescribeLogDirsHandler : Handler<DescribeLogDirsRequest, DescribeLogDirsResponse>
{
    private const short FirstVersionWithError = 3;

    protected override ValueTask<DescribeLogDirsResponse?> HandleAsync(DescribeLogDirsRequest request, RequestContext context)
    {
        if (!context.AllowsCluster(Operation.Describe))
            return new(new DescribeLogDirsResponse { ErrorCode = (short)(context.Version >= FirstVersionWithError ? ErrorCode.ClusterAuthorizationFailed : ErrorCode.None) });
        var folder = new DescribeLogDirsResponse.DescribeLogDirsResult { LogDir = "memory" };
        IDisk kept = context.Engine.Options.Disk is FaultyDisk faulty ? faulty.Inner : context.Engine.Options.Disk;
        if (kept is PhysicalDisk disk)
        {
            var drive = new DriveInfo(disk.Folder);
            (folder.LogDir, folder.TotalBytes, folder.UsableBytes) = (disk.Folder, drive.TotalSize, drive.AvailableFreeSpace);
        }

        IEnumerable<(TopicDescription Topic, IEnumerable<int> Partitions)> wanted = request.Topics is { } named
            ? named.Select(topic => (context.Engine.FindTopic(topic.Topic)!, topic.Partitions.Distinct())).Where(static topic => topic.Item1 is not null)
            : context.Engine.Topics.Select(static topic => (topic, Enumerable.Range(0, topic.Partitions)));
        foreach ((TopicDescription topic, IEnumerable<int> partitions) in wanted)
        {
            var answer = new DescribeLogDirsResponse.DescribeLogDirsTopic { Name = topic.Name };
            foreach (int partition in partitions)
            {
                long size = context.Engine.FindSize(new TopicPartition(topic.Name, partition));
                if (size >= 0) answer.Partitions.Add(new() { PartitionIndex = partition, PartitionSize = size });
            }

            folder.Topics.Add(answer);
        }

        return new(new DescribeLogDirsResponse { Results = [folder] });
    }
}
