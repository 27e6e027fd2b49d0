using System.Globalization;
using Pipelines.Broker.Server.Security;
using Pipelines.Broker.Topics;

namespace Pipelines.Broker.Server.Requests;

/// <summary>A setting of the broker and its value.</summary>
internal sealed record BrokerSetting(string Name, SettingType Type, string Value, string Documentation);

/// <summary>The broker's settings, in Kafka's words; what is told of them.</summary>
internal static class BrokerSettings
{
    internal static IEnumerable<BrokerSetting> Of(BrokerServices broker)
    {
        BrokerServerOptions options = broker.Options;
        yield return new("advertised.listeners", SettingType.Text, options.Advertised?.ToString() ?? "", "Where clients are told that the broker is; where they have reached it when empty.");
        yield return new("allow.everyone.if.no.acl.found", SettingType.Boolean, options.Authorization is { AllowsEveryoneIfNoAcl: true } ? "true" : "false", "Whether everybody may do everything with what no rule is about.");
        yield return new("auto.create.topics.enable", SettingType.Boolean, options.CreatesTopics ? "true" : "false", "Whether a topic is created when a client asks for it by name.");
        yield return new("broker.id", SettingType.Int32, Text(options.NodeId), "The broker's number.");
        yield return new("connections.max.idle.ms", SettingType.Int64, Text((long)options.MaxIdle.TotalMilliseconds), "A connection that was silent for so long is closed.");
        yield return new("default.replication.factor", SettingType.Int32, "1", "The replicas of a topic for which nobody said how many: there is one broker.");
        yield return new("fetch.max.bytes", SettingType.Int32, Text(options.MaxFetchBytes), "The most bytes of records that one fetch brings.");
        yield return new("listeners", SettingType.Text, options.Listen.ToString(), "Where the broker listens.");
        yield return new("max.connections", SettingType.Int32, Text(options.MaxConnections), "The most connections.");
        yield return new("max.connections.per.ip", SettingType.Int32, Text(options.MaxConnectionsPerAddress), "The most connections from one address.");
        yield return new("node.id", SettingType.Int32, Text(options.NodeId), "The broker's number.");
        yield return new("num.partitions", SettingType.Int32, Text(options.DefaultPartitions), "The partitions of a topic for which nobody said how many.");
        yield return new("sasl.enabled.mechanisms", SettingType.Text, string.Join(',', (options.Sasl?.Mechanisms ?? []).Select(SaslSession.NameOf)), "How clients may log in; nobody has to when empty.");
        yield return new("socket.request.max.bytes", SettingType.Int32, Text(options.MaxRequestBytes), "The largest request.");
        yield return new("ssl.client.auth", SettingType.Text, options.Tls?.ClientAuthorities is null ? "none" : options.Tls.RequiresClientCertificate ? "required" : "requested", "Whether clients need a certificate.");
        yield return new("super.users", SettingType.Text, string.Join(';', options.Authorization?.SuperUsers ?? []), "The principals that may do everything.");
        yield return new("transaction.max.timeout.ms", SettingType.Int32, Text((long)broker.Engine.Options.MaxTransactionTimeout.TotalMilliseconds), "The longest time-out that a transactional producer may ask for.");
        foreach (Setting setting in TopicSettings.All)
        {
            if (setting.BrokerName is { } name) yield return new(name, setting.Type, TopicSettings.UsualOf(setting.Name, broker.Engine.Options), setting.Documentation);
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
