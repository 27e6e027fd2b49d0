import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Offsets and fetching. */
final class Reading {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("offsets", Reading::offsets);
        checks.put("out-of-range", Reading::outOfRange);
        checks.put("long-poll", Reading::longPoll);
        checks.put("recreated-topic", Reading::recreatedTopic);
        checks.put("many-partitions", Reading::manyPartitions);
    }

    private static Object offsets(At at) throws Exception {
        String topic = at.topic("t", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        KafkaProducer<String, String> producer = at.producer();
        long time = System.currentTimeMillis() - 100_000;
        // Client times that go back: the first record in offset order that reaches the target is the answer.
        for (long at2 : new long[] {1000, 3000, 2000, 5000, 4000}) producer.send(new ProducerRecord<>(topic, 0, time + at2, null, "" + at2)).get(30, TimeUnit.SECONDS);
        KafkaConsumer<String, String> consumer = at.consumer();
        var facts = At.facts("earliest", consumer.beginningOffsets(List.of(partition)).get(partition), "latest", consumer.endOffsets(List.of(partition)).get(partition));
        for (long target : new long[] {0, 1000, 1001, 2500, 3500, 5000, 5001}) {
            OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, time + target)).get(partition);
            facts.put("at " + target, found == null ? null : found.offset() + " of " + (found.timestamp() - time));
        }
        var max = at.admin().listOffsets(Map.of(partition, OffsetSpec.maxTimestamp())).partitionResult(partition).get(30, TimeUnit.SECONDS);
        facts.put("maxTimestamp", max.offset() + " of " + (max.timestamp() - time));
        facts.put("unknownPartition", At.error(() -> at.admin().listOffsets(Map.of(new TopicPartition(topic, 7), OffsetSpec.latest())).all().get(1, TimeUnit.SECONDS)));
        return facts;
    }

    private static Object outOfRange(At at) throws Exception {
        String topic = at.topic("t", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        KafkaProducer<String, String> producer = at.producer();
        for (int i = 0; i < 3; i++) At.send(producer, topic, null, "" + i);
        KafkaConsumer<String, String> none = at.consumer("auto.offset.reset=none");
        none.assign(List.of(partition));
        String unset = At.error(() -> none.poll(Duration.ofSeconds(5)));
        none.seek(partition, 4);
        String beyond = At.error(() -> { At.until("an error", () -> { none.poll(Duration.ofMillis(200)); return false; }); });
        none.seek(partition, 3);
        String atEnd = At.error(() -> none.poll(Duration.ofMillis(300)));
        KafkaConsumer<String, String> reset = at.consumer("auto.offset.reset=earliest");
        reset.assign(List.of(partition));
        reset.seek(partition, 100);
        List<String> seen = new ArrayList<>();
        At.until("reset to the first record", () -> { reset.poll(Duration.ofMillis(100)).forEach(r -> seen.add(r.value())); return seen.size() >= 3; });
        return At.facts("unset", unset, "beyond", beyond, "atEnd", atEnd, "reset", seen);
    }

    private static Object longPoll(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> producer = at.producer();
        KafkaConsumer<String, String> consumer = at.consumer("fetch.max.wait.ms=20000", "auto.offset.reset=earliest");
        consumer.assign(List.of(new TopicPartition(topic, 0)));
        consumer.poll(Duration.ofMillis(300));
        At.send(producer, topic, null, "wakes");
        long sent = System.nanoTime();
        List<String> seen = new ArrayList<>();
        At.until("the record", () -> { consumer.poll(Duration.ofMillis(100)).forEach((ConsumerRecord<String, String> r) -> seen.add(r.value())); return !seen.isEmpty(); });
        return At.facts("seen", seen, "soon", System.nanoTime() - sent < TimeUnit.SECONDS.toNanos(5));
    }

    private static Object recreatedTopic(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> producer = at.producer();
        for (int i = 0; i < 5; i++) At.send(producer, topic, null, "old");
        KafkaConsumer<String, String> consumer = at.consumer("auto.offset.reset=earliest", "metadata.max.age.ms=200");
        consumer.assign(List.of(new TopicPartition(topic, 0)));
        List<String> seen = new ArrayList<>();
        At.until("the old records", () -> { consumer.poll(Duration.ofMillis(100)).forEach(r -> seen.add(r.value())); return seen.size() == 5; });
        var first = at.admin().describeTopics(List.of(topic)).allTopicNames().get(30, TimeUnit.SECONDS).get(topic).topicId();
        at.admin().deleteTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
        // The deletion may still be on its way where it is asynchronous.
        At.until("created again", () -> At.error(() -> at.topic("t", 1)).equals("none"));
        var second = at.admin().describeTopics(List.of(topic)).allTopicNames().get(30, TimeUnit.SECONDS).get(topic).topicId();
        KafkaProducer<String, String> fresh = at.producer();
        for (int i = 0; i < 7; i++) At.send(fresh, topic, null, "new");
        return At.facts("old", seen, "otherId", !first.equals(second), "content", at.values(topic, At.UNCOMMITTED));
    }

    private static Object manyPartitions(At at) throws Exception {
        String topic = at.topic("t", 50);
        KafkaProducer<String, String> producer = at.producer("linger.ms=20");
        for (int i = 0; i < 5000; i++) producer.send(new ProducerRecord<>(topic, i % 50, null, "" + i));
        producer.flush();
        var records = at.all(topic, At.UNCOMMITTED);
        return At.facts("records", records.size(), "partitions", records.stream().map(ConsumerRecord::partition).distinct().count(),
            "different", records.stream().map(ConsumerRecord::value).distinct().count());
    }
}
