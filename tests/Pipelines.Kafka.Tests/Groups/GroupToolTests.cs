using System.Globalization;
using System.Text.RegularExpressions;
using Pipelines.Kafka.Tests.Brokers;
using KafkaTools = Pipelines.Tests.Kafka;

namespace Pipelines.Kafka.Tests.Groups;

/// <summary>What <c>kafka-consumer-groups.sh</c> of Apache Kafka tells of the groups of two workers.</summary>
public sealed partial class GroupToolTests
{
    private const int Sent = 1_000;

    [Theory(Timeout = 240_000), MemberData(nameof(WorkerGroupTests.Clusters), MemberType = typeof(WorkerGroupTests))]
    public async Task It_shows_who_has_which_partitions_and_how_far_each_detector_has_come(SeamKind kind)
    {
        KafkaTools.Require();
        await using Scene scene = await Scene.StartAsync(kind);
        await using (WorkerProcess first = await scene.RunAsync())
        {
            await using WorkerProcess second = await scene.RunAsync();
            await Scene.UntilAsync(() => first.Held == Scene.Partitions / 2 && second.Held == Scene.Partitions / 2, "the partitions are shared");
            await scene.SendAsync(Sent);
            await scene.CountedAsync();
            await CheckListAsync(scene);
            await CheckMembersAsync(scene);
            await CheckPositionsAsync(scene);

            // Offsets of a group that works cannot be set, and it goes on.
            Assert.Contains("inactive", await ResetAsync(scene), StringComparison.Ordinal);
            await scene.SendAsync(200);
            await scene.CheckAsync();
        }

        // Those of one that does not can, and where the detectors go on does not depend on them.
        Assert.Matches($@"{scene.Name}\s+{scene.Input}\s+3\s+0\b", await ResetAsync(scene));
        await using WorkerProcess after = await scene.RunAsync();
        await scene.SendAsync(200);
        await scene.CheckAsync();
    }

    private static async Task CheckListAsync(Scene scene)
    {
        string[] groups = (await RunAsync(scene, "--list")).Split('\n', StringSplitOptions.TrimEntries);
        Assert.Contains(scene.Name, groups);
        Assert.Contains($"{scene.Name}.counter", groups);
    }

    private static async Task CheckMembersAsync(Scene scene)
    {
        string members = await RunAsync(scene, "--describe", "--group", scene.Name, "--members", "--verbose");
        MatchCollection shares = Share().Matches(members);
        Assert.True(shares.Count == 2, members);
        Assert.Equal(["2", "2"], shares.Select(static share => share.Groups["count"].Value));
        Assert.Equal([0, 1, 2, 3], shares.SelectMany(share => share.Groups["partitions"].Value.Split(',')).Select(static one => int.Parse(one, CultureInfo.InvariantCulture)).Order());
        Assert.Matches(@"\spipelines\s+Stable\s+2\b", await RunAsync(scene, "--describe", "--group", scene.Name, "--state"));
    }

    private static async Task CheckPositionsAsync(Scene scene)
    {
        // Each partition with its owner. The group's own offsets are those of the last commit, whose end in the log may come after them.
        string owned = await RunAsync(scene, "--describe", "--group", scene.Name);
        (long Lag, string Owner)[] positions = Positions(owned, scene);
        Assert.True(positions.Length == Scene.Partitions, owned);
        Assert.All(positions, static position => Assert.InRange(position.Lag, 0, 1));
        Assert.Equal(2, positions.Select(static position => position.Owner).Distinct().Count());
        Assert.DoesNotContain("-", positions.Select(static position => position.Owner));

        // What is mirrored for each detector has nobody, and nothing left to do once the copy is younger than the last record.
        string mirrored = "";
        for (int tries = 0; tries < 10; tries++)
        {
            mirrored = await RunAsync(scene, "--describe", "--group", $"{scene.Name}.counter");
            if (Positions(mirrored, scene) is { Length: Scene.Partitions } copied && copied.All(static position => position is { Lag: 0, Owner: "-" })) break;
            await Task.Delay(500);
        }

        Assert.Equal(Enumerable.Repeat((0L, "-"), Scene.Partitions), Positions(mirrored, scene));
    }

    private static Task<string> ResetAsync(Scene scene) =>
        RunAsync(scene, "--reset-offsets", "--group", scene.Name, "--topic", scene.Input, "--to-earliest", "--execute");

    private static Task<string> RunAsync(Scene scene, params string[] arguments) =>
        KafkaTools.RunAsync(["org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server", scene.Bootstrap, "--timeout", "30000", .. arguments]);

    /// <summary>How much is left of each partition of the input, and whose it is.</summary>
    private static (long Lag, string Owner)[] Positions(string output, Scene scene) =>
    [
        .. output.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 6 && words.Contains(scene.Input))
            .Select(words => words.AsSpan(Array.IndexOf(words, scene.Input)).ToArray())
            .Select(static words => (long.Parse(words[4], CultureInfo.InvariantCulture), words[5])),
    ];

    [GeneratedRegex(@"\s(?<count>\d+)\s+-\s+\S+-numbers:(?<partitions>[\d,]+)\s")]
    private static partial Regex Share();
}
