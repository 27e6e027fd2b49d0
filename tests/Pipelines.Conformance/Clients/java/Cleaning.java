import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compaction and retention, as far as a client sees them. The broker's housekeeping must be quick: see ChildBroker.Settings. */
final class Cleaning {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("compaction", Cleaning::compaction);
        checks.put("retention", Cleaning::retention);
    }

    private static List<String> left(At at, String topic) {
        List<String> left = new ArrayList<>();
        for (ConsumerRecord<String, String> record : at.all(topic, At.UNCOMMITTED)) if (!record.key().equals("roll")) left.add(record.offset() + " " + record.key() + " " + record.value());
        return left;
    }

    /** Sends records that let segments roll until what is left of the others is as wanted. */
    private static void roll(At at, KafkaProducer<String, String> producer, String topic, List<String> wanted) {
        At.until("only " + wanted + " is left", () -> {
            try {
                At.send(producer, topic, "roll", "r");
                Thread.sleep(250);
            } catch (Exception error) {
                throw new AssertionError(error);
            }
            return left(at, topic).equals(wanted);
        });
    }

    private static Object compaction(At at) throws Exception {
        String topic = at.topic("t", 1, "cleanup.policy=compact", "segment.ms=100", "min.cleanable.dirty.ratio=0", "delete.retention.ms=100", "max.compaction.lag.ms=200");
        KafkaProducer<String, String> producer = at.producer("compression.type=lz4");
        for (int round = 0; round < 10; round++) for (String key : List.of("a", "b", "c")) At.send(producer, topic, key, key + round);
        At.send(producer, topic, "c", null);
        KafkaProducer<String, String> transactional = at.transactional("x");
        transactional.beginTransaction();
        At.send(transactional, topic, "a", "aborted");
        transactional.abortTransaction();
        String noKey = At.error(() -> At.send(at.producer(), topic, null, "without a key"));
        roll(at, producer, topic, List.of("27 a a9", "28 b b9"));
        return At.facts("left", left(at, topic), "committed", at.all(topic, At.COMMITTED).stream().filter(r -> !r.key().equals("roll")).map(ConsumerRecord::value).toList(), "withoutKey", noKey);
    }

    private static Object retention(At at) throws Exception {
        String topic = at.topic("t", 1, "retention.ms=1000", "segment.ms=100");
        KafkaProducer<String, String> producer = at.producer();
        for (int i = 0; i < 10; i++) At.send(producer, topic, "old", "" + i);
        roll(at, producer, topic, List.of());
        var partition = new org.apache.kafka.common.TopicPartition(topic, 0);
        boolean moved = false;
        for (int tries = 0; tries < 200 && !moved; tries++) {
            moved = at.consumer().beginningOffsets(List.of(partition)).get(partition) >= 10;
            if (!moved) Thread.sleep(100);
        }
        return At.facts("moved", moved);
    }
}
