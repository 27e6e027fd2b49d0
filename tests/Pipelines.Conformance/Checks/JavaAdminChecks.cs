using Pipelines.Conformance.Brokers;
using static Pipelines.Conformance.Programs.Client;

namespace Pipelines.Conformance.Checks;

/// <summary>Admin calls with Kafka's own admin client.</summary>
public sealed class JavaAdminChecks(Bench bench)
{
    [Theory, OnEachBroker]
    public Task Topics_are_created_and_described(BrokerKind broker) => bench.Expect(Java, broker, "topics-create",
        """
        {
          "partitions": 3, "replication": 1, "config": "777000", "id": true, "sameId": true,
          "described": ["0:1:1:true", "1:1:1:true", "2:1:1:true"], "byId": true, "again": "TopicExistsException",
          "badName": "InvalidTopicException", "longName": "InvalidTopicException", "noPartitions": "InvalidPartitionsException",
          "replicas3": "InvalidReplicationFactorException", "badConfig": "InvalidConfigurationException",
          "unknownConfig": "InvalidConfigurationException", "defaults": "none", "assigned": "none", "validateOnly": "none",
          "validateExisting": "TopicExistsException", "listed": ["assigned", "defaults", "t"]
        }
        """);

    [Theory, OnEachBroker]
    public Task Topics_are_deleted_by_name_and_by_id(BrokerKind broker) => bench.Expect(Java, broker, "topics-delete",
        """
        {
          "byName": "none", "byId": "none", "again": "UnknownTopicOrPartitionException", "unknownId": "UnknownTopicIdException",
          "describe": "UnknownTopicOrPartitionException", "describeId": "UnknownTopicIdException"
        }
        """);

    [Theory, OnEachBroker]
    public Task Partitions_are_added(BrokerKind broker) => bench.Expect(Java, broker, "topics-partitions",
        """
        {
          "more": "none", "fewer": "InvalidPartitionsException", "same": "InvalidPartitionsException",
          "unknown": "UnknownTopicOrPartitionException"
        }
        """);

    [Theory, OnEachBroker]
    public Task Records_are_deleted(BrokerKind broker) => bench.Expect(Java, broker, "delete-records",
        """
        {
          "low": 6, "earliest": 6, "left": ["6", "7", "8", "9"], "beyond": "OffsetOutOfRangeException", "less": 6,
          "unknown": "TimeoutException", "all": 10, "next": 10, "leftAtLast": ["after"]
        }
        """);

    [Theory, OnEachBroker]
    public Task The_cluster_is_described(BrokerKind broker) => bench.Expect(Java, broker, "cluster",
        """{ "nodes": 1, "controller": true, "clusterId": true, "host": "127.0.0.1", "port": true }""");

    [Theory, OnEachBroker]
    public Task Settings_of_a_topic_are_described_and_changed(BrokerKind broker) => bench.Expect(Java, broker, "configs-topic",
        """
        {
          "policy": "delete DEFAULT_CONFIG", "given": "1000000 DYNAMIC_TOPIC_CONFIG", "segment": "1073741824 DEFAULT_CONFIG",
          "maxMessage": "1048588 DEFAULT_CONFIG", "timestampType": "CreateTime DEFAULT_CONFIG",
          "compression": "producer DEFAULT_CONFIG", "change": "none", "retention": "123000 DYNAMIC_TOPIC_CONFIG",
          "appended": "delete,compact DYNAMIC_TOPIC_CONFIG", "subtract": "none", "subtracted": "compact DYNAMIC_TOPIC_CONFIG",
          "delete": "none", "policyAgain": "delete DEFAULT_CONFIG", "bytesAgain": "-1 DEFAULT_CONFIG", "validateOnly": "none",
          "unchanged": "123000 DYNAMIC_TOPIC_CONFIG", "badValue": "InvalidConfigurationException",
          "badPolicy": "InvalidConfigurationException", "unknownSetting": "InvalidConfigurationException",
          "appendToNumber": "InvalidConfigurationException", "unknownTopic": "UnknownTopicOrPartitionException",
          "describeUnknown": "UnknownTopicOrPartitionException"
        }
        """);

    [Theory, OnEachBroker]
    public Task Settings_of_the_broker_are_described(BrokerKind broker) => bench.Expect(Java, broker, "configs-broker",
        """{ "autoCreate": "true", "partitions": "1", "maxMessage": true }""");

    [Theory, OnEachBroker]
    public Task Settings_of_a_group_are_described_and_changed(BrokerKind broker) => bench.Expect(Java, broker, "configs-group",
        """
        {
          "before": "45000 DEFAULT_CONFIG", "standbys": "0 DEFAULT_CONFIG", "reset": "latest DEFAULT_CONFIG", "change": "none",
          "after": "50000 DYNAMIC_GROUP_CONFIG", "validateOnly": "none", "badValue": "InvalidConfigurationException", "tooSmall": "InvalidConfigurationException",
          "unknownSetting": "InvalidConfigurationException", "unchanged": "50000 DYNAMIC_GROUP_CONFIG", "delete": "none", "again": "45000 DEFAULT_CONFIG"
        }
        """);

    [Theory, OnEachBroker]
    public Task Groups_are_described_and_listed(BrokerKind broker) => bench.Expect(Java, broker, "groups-describe",
        """
        {
          "state": "Stable", "assignor": "range", "type": "Classic", "members": 1, "client": "the-client", "instance": "fixed",
          "host": "/127.0.0.1", "memberId": true, "partitions": [0, 1], "coordinator": true,
          "listed": ["Stable consumer Classic"], "listedStable": true, "listedEmpty": false,
          "unknown": "GroupIdNotFoundException"
        }
        """);

    [Theory, OnEachBroker]
    public Task Offsets_of_a_group_are_set_listed_and_deleted(BrokerKind broker) => bench.Expect(Java, broker, "groups-offsets",
        """
        {
          "set": "none", "listed": ["0:3:n", "1:4:"], "setWhileUsed": "UnknownMemberIdException",
          "deleteWhileUsed": "GroupSubscribedToTopicException", "delete": "none", "left": ["1:10:"],
          "unknownGroup": "GroupIdNotFoundException", "ofUnknownGroup": []
        }
        """);

    [Theory, OnEachBroker]
    public Task Groups_are_deleted_when_empty(BrokerKind broker) => bench.Expect(Java, broker, "groups-delete",
        """
        { "whileUsed": "GroupNotEmptyException", "delete": "none", "again": "GroupIdNotFoundException", "listed": false }
        """);

    [Theory, OnEachBroker]
    public Task A_static_member_is_removed(BrokerKind broker) => bench.Expect(Java, broker, "groups-remove-member",
        """{ "remove": "none", "unknown": "UnknownMemberIdException" }""");
}
