import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Admin calls about topics and the cluster. */
final class Topics {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("topics-create", Topics::create);
        checks.put("topics-delete", Topics::delete);
        checks.put("topics-partitions", Topics::partitions);
        checks.put("delete-records", Topics::deleteRecords);
        checks.put("cluster", Topics::cluster);
    }

    private static String create(At at, NewTopic topic) {
        return At.error(() -> at.admin().createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS));
    }

    private static Object create(At at) throws Exception {
        String topic = at.name("t");
        var result = at.admin().createTopics(List.of(new NewTopic(topic, 3, (short) 1).configs(Map.of("cleanup.policy", "compact", "retention.ms", "777000"))));
        var facts = At.facts("partitions", result.numPartitions(topic).get(), "replication", result.replicationFactor(topic).get(),
            "config", result.config(topic).get().get("retention.ms").value(), "id", !result.topicId(topic).get().equals(Uuid.ZERO_UUID));
        at.seen(topic);
        var described = at.admin().describeTopics(List.of(topic)).allTopicNames().get().get(topic);
        facts.put("sameId", described.topicId().equals(result.topicId(topic).get()));
        facts.put("described", described.partitions().stream().map(p -> p.partition() + ":" + p.replicas().size() + ":" + p.isr().size() + ":" + (p.leader() != null)).toList());
        facts.put("byId", at.admin().describeTopics(TopicCollection.ofTopicIds(List.of(described.topicId()))).allTopicIds().get().get(described.topicId()).name().equals(topic));
        facts.put("again", create(at, new NewTopic(topic, 1, (short) 1)));
        facts.put("badName", create(at, new NewTopic("no spaces " + at.id, 1, (short) 1)));
        facts.put("longName", create(at, new NewTopic("x".repeat(250), 1, (short) 1)));
        facts.put("noPartitions", create(at, new NewTopic(at.name("none"), 0, (short) 1)));
        facts.put("replicas3", create(at, new NewTopic(at.name("three"), 1, (short) 3)));
        facts.put("badConfig", create(at, new NewTopic(at.name("bad"), 1, (short) 1).configs(Map.of("retention.ms", "soon"))));
        facts.put("unknownConfig", create(at, new NewTopic(at.name("bad"), 1, (short) 1).configs(Map.of("no.such.setting", "1"))));
        facts.put("defaults", create(at, new NewTopic(at.name("defaults"), Optional.empty(), Optional.empty())));
        facts.put("assigned", create(at, new NewTopic(at.name("assigned"), Map.of(0, List.of(at.admin().describeCluster().controller().get().id())))));
        facts.put("validateOnly", At.error(() -> at.admin().createTopics(List.of(new NewTopic(at.name("valid"), 1, (short) 1)), new CreateTopicsOptions().validateOnly(true)).all().get()));
        facts.put("validateExisting", At.error(() -> at.admin().createTopics(List.of(new NewTopic(topic, 1, (short) 1)), new CreateTopicsOptions().validateOnly(true)).all().get()));
        at.seen(at.name("assigned"));
        facts.put("listed", at.admin().listTopics().names().get().stream().filter(n -> n.startsWith(at.id)).map(n -> n.substring(at.id.length() + 1)).sorted().toList());
        return facts;
    }

    private static Object delete(At at) throws Exception {
        String topic = at.topic("t", 2), other = at.topic("o", 1);
        At.send(at.producer(), topic, null, "v");
        var id = at.admin().describeTopics(List.of(other)).allTopicNames().get().get(other).topicId();
        String byName = At.error(() -> at.admin().deleteTopics(List.of(topic)).all().get());
        String byId = At.error(() -> at.admin().deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get());
        At.until("both are gone", () -> { try { return at.admin().listTopics().names().get().stream().noneMatch(n -> n.startsWith(at.id)); } catch (Exception e) { throw new AssertionError(e); } });
        return At.facts("byName", byName, "byId", byId, "again", At.error(() -> at.admin().deleteTopics(List.of(topic)).all().get()),
            "unknownId", At.error(() -> at.admin().deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get()),
            "describe", At.error(() -> at.admin().describeTopics(List.of(topic)).allTopicNames().get()),
            "describeId", At.error(() -> at.admin().describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get()));
    }

    private static Object partitions(At at) throws Exception {
        String topic = at.topic("t", 2);
        String more = At.error(() -> at.admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get());
        At.until("five partitions", () -> { try { return at.admin().describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size() == 5; } catch (Exception e) { throw new AssertionError(e); } });
        At.send(at.producer(), topic, null, "v");
        return At.facts("more", more, "fewer", At.error(() -> at.admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get()),
            "same", At.error(() -> at.admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get()),
            "unknown", At.error(() -> at.admin().createPartitions(Map.of(at.name("none"), NewPartitions.increaseTo(3))).all().get()));
    }

    private static Object deleteRecords(At at) throws Exception {
        String topic = at.topic("t", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        var producer = at.producer("linger.ms=20");
        for (int i = 0; i < 10; i++) producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, "" + i));
        producer.flush();
        long low = at.admin().deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(6))).lowWatermarks().get(partition).get().lowWatermark();
        var consumer = at.consumer();
        var facts = At.facts("low", low, "earliest", consumer.beginningOffsets(List.of(partition)).get(partition), "left", at.values(topic, At.UNCOMMITTED),
            "beyond", At.error(() -> at.admin().deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(11))).all().get()),
            "less", at.admin().deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(2))).lowWatermarks().get(partition).get().lowWatermark(),
            "unknown", At.error(() -> at.admin().deleteRecords(Map.of(new TopicPartition(at.name("none"), 0), RecordsToDelete.beforeOffset(1))).all().get(1, TimeUnit.SECONDS)));
        facts.put("all", at.admin().deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).lowWatermarks().get(partition).get().lowWatermark());
        facts.put("next", At.send(at.producer(), topic, null, "after").offset());
        facts.put("leftAtLast", at.values(topic, At.UNCOMMITTED));
        return facts;
    }

    private static Object cluster(At at) throws Exception {
        var cluster = at.admin().describeCluster();
        return At.facts("nodes", cluster.nodes().get().size(), "controller", cluster.controller().get() != null, "clusterId", !cluster.clusterId().get().isEmpty(),
            "host", cluster.nodes().get().iterator().next().host(), "port", at.bootstrap.endsWith(":" + cluster.nodes().get().iterator().next().port()));
    }
}
