import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Consume, transform, produce: offsets are part of the transaction. */
final class Copying {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("copy", Copying::copy);
        checks.put("offsets-in-transaction", Copying::offsetsInTransaction);
    }

    private static Object copy(At at) throws Exception {
        String input = at.topic("in", 2), output = at.topic("out", 2);
        KafkaProducer<String, String> seed = at.producer("linger.ms=20");
        for (int i = 0; i < 200; i++) seed.send(new ProducerRecord<>(input, i % 2, "k" + i % 5, "" + i));
        seed.flush();
        int attempts = 0;
        // Every third transaction is aborted, and the consumer goes back to what was committed.
        try (KafkaConsumer<String, String> consumer = at.consumer(Groups.settings(at, "max.poll.records=30", "isolation.level=read_committed"))) {
            KafkaProducer<String, String> producer = at.transactional("x", "linger.ms=10");
            consumer.subscribe(List.of(input));
            int copied = 0;
            while (copied < 200) {
                var records = consumer.poll(Duration.ofMillis(200));
                if (records.isEmpty()) continue;
                producer.beginTransaction();
                Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                for (ConsumerRecord<String, String> record : records) {
                    producer.send(new ProducerRecord<>(output, record.partition(), record.key(), record.value() + "!"));
                    offsets.put(new TopicPartition(input, record.partition()), new OffsetAndMetadata(record.offset() + 1));
                }
                producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                if (++attempts % 3 == 0) {
                    producer.abortTransaction();
                    var committed = consumer.committed(consumer.assignment());
                    for (TopicPartition partition : consumer.assignment()) consumer.seek(partition, committed.get(partition) == null ? 0 : committed.get(partition).offset());
                } else {
                    producer.commitTransaction();
                    copied += records.count();
                }
            }
        }
        List<String> values = at.values(output, At.COMMITTED);
        return At.facts("aborted", attempts >= 3, "copied", values.size(), "different", Set.copyOf(values).size());
    }

    private static Object offsetsInTransaction(At at) throws Exception {
        String topic = at.topic("t", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        KafkaConsumer<String, String> consumer = at.consumer(Groups.settings(at));
        consumer.assign(List.of(partition));
        KafkaProducer<String, String> producer = at.transactional("x", "transaction.timeout.ms=8000");
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(5, "pending")), consumer.groupMetadata());
        // Committed offsets that a transaction holds back are not told before its end (KIP-447: the reader waits).
        String whileOpen = At.error(() -> consumer.committed(Set.of(partition), Duration.ofMillis(700)));
        producer.commitTransaction();
        long committed = consumer.committed(Set.of(partition)).get(partition).offset();
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(9)), consumer.groupMetadata());
        producer.abortTransaction();
        return At.facts("whileOpen", whileOpen, "committed", committed, "afterAbort", consumer.committed(Set.of(partition)).get(partition).offset(),
            "note", consumer.committed(Set.of(partition)).get(partition).metadata());
    }
}
