using Pipelines.Broker.Server;
using Pipelines.Broker.Server.Faults;
using Pipelines.Protocol.Messages;
using Pipelines.Runtime.Brokers;
using Pipelines.Tests;

namespace Pipelines.Kafka.Tests.Messages;

/// <summary>A cluster before Kafka 3.6, which knows one setting for how far times may be from its clock, and refuses the two that came then. The shipped broker stands in for it.</summary>
public sealed class OldClusterTests
{
    private const string Difference = "message.timestamp.difference.max.ms";

    [Fact(Timeout = 60_000)]
    public async Task Topics_are_made_with_the_setting_that_it_knows_and_that_is_told_once()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        var bounds = new List<string>();
        using IDisposable old = broker.Faults.Intercept(ApiKey.CreateTopics, request => AnswerAsBefore36((CreateTopicsRequest)request.Message, bounds));
        var log = new LogLines();
        Assert.True(KafkaOptions.TryParse($"kafka://{broker.BootstrapServers}", out KafkaOptions? options));
        await using var seam = new KafkaBroker(options, log.CreateLogger("test"));
        await seam.CreateTopicAsync("first", 2, isCompacted: true);
        await seam.CreateTopicAsync("second", 1, isCompacted: false);
        Assert.Equal(2, await seam.FindTopicAsync("first"));
        Assert.Equal("compact", broker.Engine.FindTopic("first")!.Settings["cleanup.policy"]);
        Assert.Equal(1, await seam.FindTopicAsync("second"));
        Assert.Equal(["9223372036854775807", "9223372036854775807"], bounds);
        string line = Assert.Single(log.All, static line => line.Contains(Difference, StringComparison.Ordinal));
        Assert.Contains("topic 'first' with message.timestamp.before.max.ms and message.timestamp.after.max.ms, as Kafka before 3.6 does", line, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_refusal_for_another_setting_is_told_in_the_first_words()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartAsync();
        using IDisposable strict = broker.Faults.Intercept(ApiKey.CreateTopics, static request =>
            Fault.Answer(Refusal(((CreateTopicsRequest)request.Message).Topics[0].Name, request.Count == 1 ? "retention.ms may not be -1 here" : $"Unknown topic config name: {Difference}")));
        Assert.True(KafkaOptions.TryParse($"kafka://{broker.BootstrapServers}", out KafkaOptions? options));
        await using var seam = new KafkaBroker(options);
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(async () => await seam.CreateTopicAsync("first", 1, isCompacted: true));
        Assert.True(refused.IsFatal);
        Assert.Contains("retention.ms may not be -1 here", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("message.timestamp.before.max.ms", "9223372036854775807", Difference)]
    [InlineData("message.timestamp.before.max.ms", "3600000", "message.timestamp.before.max.ms")]
    [InlineData("segment.ms", "1", Difference)]
    public void A_bound_on_times_is_read_from_the_setting_that_holds(string other, string value, string holds)
    {
        TopicPolicy policy = TopicPolicy.Read(new Dictionary<string, string> { [other] = value, [Difference] = "3600000" });
        Assert.Equal((TimeSpan.FromHours(1), holds), (policy.OldestTaken, policy.OldestSetting));
    }

    /// <summary>What Kafka 3.5 does, as far as the shipped broker does not.</summary>
    private static Fault AnswerAsBefore36(CreateTopicsRequest request, List<string> bounds)
    {
        CreateTopicsRequest.CreatableTopic topic = Assert.Single(request.Topics);
        if (topic.Configs.Find(static setting => setting.Name is "message.timestamp.before.max.ms" or "message.timestamp.after.max.ms") is { } unknown)
            return Fault.Answer(Refusal(topic.Name, $"Unknown topic config name: {unknown.Name}"));
        CreateTopicsRequest.CreatableTopicConfig known = Assert.Single(topic.Configs, static setting => setting.Name == Difference);
        bounds.Add(known.Value!);
        topic.Configs.Remove(known);
        return Fault.None;
    }

    private static CreateTopicsResponse Refusal(string topic, string message) => new() { Topics = [new() { Name = topic, ErrorCode = 40, ErrorMessage = message }] };
}
