import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Transactional producing: what is visible to whom, and who is fenced. */
final class Transactions {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("transaction-visibility", Transactions::visibility);
        checks.put("transaction-many-partitions", Transactions::manyPartitions);
        checks.put("transaction-interleaved", Transactions::interleaved);
        checks.put("transaction-fenced", Transactions::fenced);
        checks.put("transaction-init-aborts", Transactions::initAborts);
        checks.put("transaction-timeout", Transactions::timeout);
        checks.put("transaction-empty", Transactions::empty);
        checks.put("transaction-too-long", Transactions::tooLong);
        checks.put("transaction-many-short", Transactions::manyShort);
    }

    private static long end(At at, String topic, IsolationLevel isolation) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return at.admin().listOffsets(Map.of(partition, OffsetSpec.latest()), new org.apache.kafka.clients.admin.ListOffsetsOptions(isolation))
            .partitionResult(partition).get(30, TimeUnit.SECONDS).offset();
    }

    private static Object visibility(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> producer = at.transactional("x");
        producer.beginTransaction();
        At.send(producer, topic, "k", "a");
        At.send(producer, topic, "k", "b");
        producer.commitTransaction();
        producer.beginTransaction();
        At.send(producer, topic, "k", "aborted 1");
        At.send(producer, topic, "k", "aborted 2");
        producer.abortTransaction();
        producer.beginTransaction();
        At.send(producer, topic, "k", "c");
        producer.commitTransaction();
        producer.beginTransaction();
        At.send(producer, topic, "k", "open");
        KafkaProducer<String, String> plain = at.producer();
        At.send(plain, topic, "k", "plain after open");
        var facts = At.facts("committed", at.values(topic, At.COMMITTED), "uncommitted", at.values(topic, At.UNCOMMITTED),
            "stableEnd", end(at, topic, IsolationLevel.READ_COMMITTED), "end", end(at, topic, IsolationLevel.READ_UNCOMMITTED),
            "offsets", at.all(topic, At.COMMITTED).stream().map(ConsumerRecord::offset).toList());
        producer.commitTransaction();
        facts.put("committedAfter", at.values(topic, At.COMMITTED));
        facts.put("endAfter", end(at, topic, IsolationLevel.READ_COMMITTED));
        return facts;
    }

    private static Object manyPartitions(At at) throws Exception {
        String one = at.topic("one", 4), two = at.topic("two", 3);
        KafkaProducer<String, String> producer = at.transactional("x", "linger.ms=10");
        for (int round = 0; round < 4; round++) {
            producer.beginTransaction();
            for (int i = 0; i < 40; i++) {
                producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(one, i % 4, null, round + "." + i));
                producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(two, i % 3, null, round + "." + i));
            }
            // Without this an abort would drop what has not been sent.
            producer.flush();
            if (round % 2 == 0) producer.commitTransaction();
            else producer.abortTransaction();
        }
        return At.facts("one", at.values(one, At.COMMITTED).size(), "two", at.values(two, At.COMMITTED).size(),
            "rounds", at.values(two, At.COMMITTED).stream().map(v -> v.substring(0, 1)).distinct().sorted().toList(), "oneAll", at.values(one, At.UNCOMMITTED).size());
    }

    private static Object interleaved(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> a = at.transactional("a"), b = at.transactional("b"), c = at.transactional("c");
        a.beginTransaction();
        b.beginTransaction();
        c.beginTransaction();
        for (int i = 0; i < 3; i++) {
            At.send(a, topic, null, "a" + i);
            At.send(b, topic, null, "b" + i);
            At.send(c, topic, null, "c" + i);
        }
        b.commitTransaction();
        var whileOpen = at.values(topic, At.COMMITTED);
        a.abortTransaction();
        var afterAbort = at.values(topic, At.COMMITTED);
        c.commitTransaction();
        return At.facts("whileOpen", whileOpen, "afterAbort", afterAbort, "atLast", at.values(topic, At.COMMITTED));
    }

    private static Object fenced(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> zombie = at.transactional("x");
        zombie.beginTransaction();
        At.send(zombie, topic, null, "of the zombie");
        KafkaProducer<String, String> next = at.transactional("x");
        next.beginTransaction();
        At.send(next, topic, null, "of the next");
        String send = At.error(() -> At.send(zombie, topic, null, "late"));
        String commit = At.error(() -> zombie.commitTransaction());
        next.commitTransaction();
        KafkaProducer<String, String> idle = at.transactional("y");
        at.transactional("y");
        idle.beginTransaction();
        String begin = At.error(() -> { At.send(idle, topic, null, "late"); idle.commitTransaction(); return null; });
        return At.facts("send", send, "commit", commit, "idle", begin, "committed", at.values(topic, At.COMMITTED));
    }

    private static Object initAborts(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> first = at.transactional("x");
        first.beginTransaction();
        At.send(first, topic, null, "left open");
        KafkaProducer<String, String> second = at.transactional("x");
        // Nothing of the second is sent: the open transaction must have ended by its coming alone.
        At.until("the stable end moves", () -> { try { return end(at, topic, IsolationLevel.READ_COMMITTED) == 2; } catch (Exception error) { throw new AssertionError(error); } });
        second.beginTransaction();
        At.send(second, topic, null, "good");
        second.commitTransaction();
        return At.facts("committed", at.values(topic, At.COMMITTED), "end", end(at, topic, IsolationLevel.READ_COMMITTED));
    }

    private static Object timeout(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> producer = at.transactional("x", "transaction.timeout.ms=1000");
        producer.beginTransaction();
        At.send(producer, topic, null, "forgotten");
        At.until("the broker aborts it", () -> { try { return end(at, topic, IsolationLevel.READ_COMMITTED) == 2; } catch (Exception error) { throw new AssertionError(error); } });
        String commit = At.error(() -> producer.commitTransaction());
        return At.facts("commit", commit, "committed", at.values(topic, At.COMMITTED));
    }

    private static Object empty(At at) throws Exception {
        KafkaProducer<String, String> producer = at.transactional("x");
        producer.beginTransaction();
        String commit = At.error(() -> producer.commitTransaction());
        producer.beginTransaction();
        String abort = At.error(() -> producer.abortTransaction());
        String twice = At.error(() -> producer.commitTransaction());
        String topic = at.topic("t", 1);
        String after = At.error(() -> {
            producer.beginTransaction();
            At.send(producer, topic, null, "v");
            producer.commitTransaction();
            return null;
        });
        return At.facts("commit", commit, "abort", abort, "withoutBegin", twice, "after", after, "committed", at.values(topic, At.COMMITTED));
    }

    private static Object tooLong(At at) {
        try {
            at.transactional("x", "transaction.timeout.ms=" + Integer.MAX_VALUE);
            return At.facts("refused", "no");
        } catch (org.apache.kafka.common.KafkaException error) {
            return At.facts("refused", error.getMessage().contains("larger than the maximum"));
        }
    }

    private static Object manyShort(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> producer = at.transactional("x");
        for (int i = 0; i < 100; i++) {
            producer.beginTransaction();
            At.send(producer, topic, null, "" + i);
            if (i % 10 == 9) producer.abortTransaction();
            else producer.commitTransaction();
        }
        List<String> values = at.values(topic, At.COMMITTED);
        return At.facts("committed", values.size(), "inOrder", values.equals(values.stream().sorted(java.util.Comparator.comparingInt(Integer::parseInt)).toList()),
            "end", end(at, topic, IsolationLevel.READ_COMMITTED));
    }
}
