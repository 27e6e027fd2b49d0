import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Metadata and producing: what is written is what is read. */
final class Basics {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("auto-create", Basics::autoCreate);
        checks.put("roundtrip", Basics::roundtrip);
        checks.put("codecs", Basics::codecs);
        checks.put("big-records", Basics::bigRecords);
        checks.put("acks", Basics::acks);
        checks.put("log-append-time", Basics::logAppendTime);
        checks.put("key-partitions", Basics::keyPartitions);
        checks.put("idempotent", Basics::idempotent);
    }

    private static Object autoCreate(At at) throws Exception {
        String fromProducer = at.name("made"), fromConsumer = at.name("asked");
        var partitions = at.producer().partitionsFor(fromProducer);
        int forbidden = at.consumer("allow.auto.create.topics=false", "default.api.timeout.ms=1000").partitionsFor(fromConsumer).size();
        return At.facts("partitions", partitions.size(), "leader", partitions.get(0).leader() != null, "replicas", partitions.get(0).replicas().length,
            "forbidden", forbidden, "listed", at.admin().listTopics().names().get().contains(fromConsumer));
    }

    private static Object roundtrip(At at) throws Exception {
        String topic = at.topic("t", 1);
        long time = System.currentTimeMillis() - 60_000;
        KafkaProducer<String, String> producer = at.producer("linger.ms=50");
        var plain = new ProducerRecord<>(topic, 0, time, "key", "value");
        plain.headers().add("h", new byte[] {1, 2}).add("h", null).add("naïve", new byte[0]);
        List<ProducerRecord<String, String>> sent = List.of(plain, new ProducerRecord<>(topic, 0, time + 1, null, "no key"), new ProducerRecord<>(topic, 0, time + 2, "gone", (String) null),
            new ProducerRecord<>(topic, 0, time - 5, "", ""), new ProducerRecord<>(topic, 0, time + 3, (String) null, (String) null), new ProducerRecord<>(topic, 0, time + 4, "ключ", "значение 🙂"));
        sent.forEach(producer::send);
        producer.flush();
        List<Object> seen = new ArrayList<>();
        for (ConsumerRecord<String, String> record : at.all(topic, At.UNCOMMITTED)) {
            List<String> headers = new ArrayList<>();
            record.headers().forEach(h -> headers.add(h.key() + "=" + (h.value() == null ? "null" : Arrays.toString(h.value()))));
            seen.add(At.facts("offset", record.offset(), "key", record.key(), "value", record.value(), "time", record.timestamp() - time,
                "type", record.timestampType().toString(), "headers", headers));
        }
        return seen;
    }

    private static Object codecs(At at) throws Exception {
        Map<String, Object> facts = new LinkedHashMap<>();
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            String topic = at.topic(codec, 1);
            KafkaProducer<String, String> producer = at.producer("compression.type=" + codec, "linger.ms=200", "batch.size=65536");
            List<String> wanted = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                wanted.add("a value that repeats itself " + i);
                producer.send(new ProducerRecord<>(topic, "k" + i % 7, wanted.get(i)));
            }
            producer.flush();
            facts.put(codec, wanted.equals(at.values(topic, At.UNCOMMITTED)));
        }
        return facts;
    }

    private static Object bigRecords(At at) throws Exception {
        String topic = at.topic("t", 1), wide = at.topic("wide", 1, "max.message.bytes=4000000");
        KafkaProducer<String, String> producer = at.producer("max.request.size=8000000", "buffer.memory=64000000");
        String big = "0123456789".repeat(92_160);
        long offset = At.send(producer, topic, "k", big).offset();
        String error = At.error(() -> At.send(producer, topic, "k", big.repeat(2)));
        At.send(producer, wide, "k", big.repeat(3));
        // A reader that asks for less than a batch still gets the batch (KIP-74).
        var reader = at.consumer("max.partition.fetch.bytes=1000", "fetch.max.bytes=1000", "auto.offset.reset=earliest");
        reader.assign(List.of(new org.apache.kafka.common.TopicPartition(topic, 0)));
        List<Integer> sizes = new ArrayList<>();
        At.until("the big record is fetched", () -> {
            reader.poll(java.time.Duration.ofMillis(100)).forEach(r -> sizes.add(r.value().length()));
            return !sizes.isEmpty();
        });
        return At.facts("offset", offset, "tooLarge", error, "records", at.values(topic, At.UNCOMMITTED).size(), "smallFetch", sizes,
            "wide", at.values(wide, At.UNCOMMITTED).get(0).length());
    }

    private static Object acks(At at) throws Exception {
        String topic = at.topic("t", 1);
        Map<String, Object> facts = new LinkedHashMap<>();
        for (String acks : List.of("1", "all", "0")) {
            KafkaProducer<String, String> producer = at.producer("acks=" + acks, "enable.idempotence=false");
            facts.put(acks, At.send(producer, topic, "k", acks).offset());
        }
        // Nothing answers acks=0: the record shows some time later.
        At.until("the record without acknowledgement", () -> at.values(topic, At.UNCOMMITTED).size() == 3);
        return facts;
    }

    private static Object logAppendTime(At at) throws Exception {
        String topic = at.topic("t", 1, "message.timestamp.type=LogAppendTime");
        KafkaProducer<String, String> producer = at.producer("linger.ms=50", "compression.type=gzip");
        long before = System.currentTimeMillis();
        var first = producer.send(new ProducerRecord<>(topic, 0, before - 3_600_000, "k", "old"));
        producer.send(new ProducerRecord<>(topic, 0, before, "k", "new"));
        producer.flush();
        var records = at.all(topic, At.UNCOMMITTED);
        long told = first.get().timestamp();
        return At.facts("type", records.get(0).timestampType().toString(), "now", records.stream().allMatch(r -> Math.abs(r.timestamp() - before) < 60_000),
            "told", told == records.get(0).timestamp());
    }

    private static Object keyPartitions(At at) throws Exception {
        String topic = at.topic("t", 4);
        KafkaProducer<String, String> producer = at.producer("linger.ms=50");
        for (int i = 0; i < 40; i++) producer.send(new ProducerRecord<>(topic, "key-" + i % 8, "" + i));
        producer.flush();
        Map<String, String> seen = new TreeMap<>();
        for (var record : at.all(topic, At.UNCOMMITTED)) seen.merge("p" + record.partition() + " " + record.key(), record.value(), (a, b) -> a + "," + b);
        return seen;
    }

    private static Object idempotent(At at) throws Exception {
        String topic = at.topic("t", 1);
        KafkaProducer<String, String> producer = at.producer("enable.idempotence=true", "linger.ms=0", "batch.size=64", "max.in.flight.requests.per.connection=5");
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            wanted.add("" + i);
            producer.send(new ProducerRecord<>(topic, null, "" + i));
        }
        producer.flush();
        return At.facts("inOrder", wanted.equals(at.values(topic, At.UNCOMMITTED)));
    }
}
