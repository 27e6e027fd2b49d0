using System.Threading.Channels;
using Pipelines.Runtime.Brokers;

namespace SecurityLog.Sources;

/// <summary>Reads raw lines from a topic of another name than the detectors' own. Its offsets are kept as the positions of files are: each line comes in once.</summary>
/// <remarks>
/// Writers spread their lines over the partitions, and all lines go to one log: of the partitions' next lines the one of the least time
/// comes first, so that a backlog does not come in with days out of order.
/// </remarks>
/// <param name="broker">Has the topic; it is created when it does not exist, so that clients which do not create topics can write.</param>
/// <param name="topic">The topic.</param>
/// <param name="lines">Gets the lines, each with its record's timestamp.</param>
internal sealed class TopicSource(IBroker broker, string topic, ChannelWriter<LineBatch> lines)
{
    private const int MaxLines = 1024;

    /// <summary>Reads all partitions, to where they end now or until it is stopped.</summary>
    internal async Task RunAsync(Func<string, SourcePosition> positionOf, bool follows, CancellationToken stop)
    {
        await broker.CreateTopicAsync(topic, 1, isCompacted: false);
        int count = await broker.FindTopicAsync(topic) ?? throw new SourceException($"Topic '{topic}' does not exist and could not be created; check its name.");
        var partitions = new TopicPartitionLines[count];
        for (int i = 0; i < count; i++) partitions[i] = new TopicPartitionLines(broker, topic, i, positionOf(TopicPartitionLines.NameOf(topic, i)).Bytes);
        while (!stop.IsCancellationRequested)
        {
            bool isAny = false;
            foreach (TopicPartitionLines partition in partitions) isAny |= await partition.FillAsync();
            while (partitions.All(static partition => partition.HasNext || partition.IsAtEnd) && Least(partitions) is { } next)
            {
                isAny = true;
                long bound = partitions.Where(other => other != next && other.HasNext).Select(static other => other.NextTime).DefaultIfEmpty(long.MaxValue).Min();
                await lines.WriteAsync(next.Take(bound, MaxLines), stop);
            }

            if (!isAny && !follows) return;
        }
    }

    private static TopicPartitionLines? Least(TopicPartitionLines[] partitions) =>
        partitions.Where(static partition => partition.HasNext).MinBy(static partition => partition.NextTime);
}
