import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One check's place at the broker: names of its own, clients that are closed at its end, and short forms of what every check does. */
final class At implements AutoCloseable {
    static final String COMMITTED = "read_committed", UNCOMMITTED = "read_uncommitted";
    private static final int LIMIT_S = 30;

    final String bootstrap, id;
    private final List<AutoCloseable> open = new ArrayList<>();
    private Admin admin;

    At(String bootstrap, String id) {
        this.bootstrap = bootstrap;
        this.id = id;
    }

    String name(String part) {
        return id + "-" + part;
    }

    Admin admin() {
        if (admin == null) admin = track(Admin.create(properties()));
        return admin;
    }

    String topic(String part, int partitions, String... settings) throws Exception {
        Map<String, String> configs = new LinkedHashMap<>();
        for (String setting : settings) configs.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        admin().createTopics(List.of(new NewTopic(name(part), partitions, (short) 1).configs(configs))).all().get(LIMIT_S, TimeUnit.SECONDS);
        seen(name(part));
        return name(part);
    }

    /**
     * Waits until every partition answers. Apache Kafka tells of a topic before its partitions take records; there a first batch may be refused while the
     * next one in flight is taken, and the idempotent producer can then go neither forth nor back until its delivery time-out.
     */
    void seen(String topic) {
        until(topic + " is there", () -> error(() -> {
            var described = admin().describeTopics(List.of(topic)).allTopicNames().get(LIMIT_S, TimeUnit.SECONDS).get(topic);
            Map<TopicPartition, OffsetSpec> ends = new LinkedHashMap<>();
            described.partitions().forEach(p -> ends.put(new TopicPartition(topic, p.partition()), OffsetSpec.latest()));
            return admin().listOffsets(ends).all().get(LIMIT_S, TimeUnit.SECONDS);
        }).equals("none"));
    }

    KafkaProducer<String, String> producer(String... settings) {
        return track(new KafkaProducer<>(properties(settings), new StringSerializer(), new StringSerializer()));
    }

    KafkaProducer<String, String> transactional(String part, String... settings) {
        Properties properties = properties(settings);
        properties.put("transactional.id", name(part));
        KafkaProducer<String, String> producer = track(new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer()));
        producer.initTransactions();
        return producer;
    }

    KafkaConsumer<String, String> consumer(String... settings) {
        return track(new KafkaConsumer<>(properties(settings), new StringDeserializer(), new StringDeserializer()));
    }

    /** Everything in the topic as a new reader of this isolation sees it. */
    List<ConsumerRecord<String, String>> all(String topic, String isolation) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties("isolation.level=" + isolation), new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            until("all of " + topic + " is read up to " + ends, () -> {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
            return records;
        }
    }

    List<String> values(String topic, String isolation) {
        return all(topic, isolation).stream().map(ConsumerRecord::value).toList();
    }

    static RecordMetadata send(KafkaProducer<String, String> producer, String topic, String key, String value) throws Exception {
        return producer.send(new ProducerRecord<>(topic, key, value)).get(LIMIT_S, TimeUnit.SECONDS);
    }

    /** The simple name of what the call throws, below the wrapper of a future; "none" when it succeeds. */
    static String error(Callable<?> call) {
        try {
            call.call();
            return "none";
        } catch (ExecutionException | org.apache.kafka.common.KafkaException wrapped) {
            Throwable cause = wrapped instanceof ExecutionException || wrapped.getClass() == org.apache.kafka.common.KafkaException.class && wrapped.getCause() != null
                ? wrapped.getCause() : wrapped;
            return cause.getClass().getSimpleName();
        } catch (Exception other) {
            return other.getClass().getSimpleName();
        }
    }

    static String error(Runnable call) {
        return error(() -> { call.run(); return null; });
    }

    static void until(String what, BooleanSupplier reached) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_S);
        while (!reached.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("not within " + LIMIT_S + " s: " + what);
            try { Thread.sleep(5); } catch (InterruptedException stop) { throw new AssertionError(stop); }
        }
    }

    /** Facts in the order in which they are given: name, value, name, value. */
    static Map<String, Object> facts(Object... namesAndValues) {
        Map<String, Object> facts = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) facts.put((String) namesAndValues[i], namesAndValues[i + 1]);
        return facts;
    }

    Properties properties(String... settings) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        for (String setting : settings) properties.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        return properties;
    }

    <T extends AutoCloseable> T track(T client) {
        open.add(client);
        return client;
    }

    @Override
    public void close() {
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                if (open.get(i) instanceof KafkaProducer<?, ?> producer) producer.close(Duration.ofSeconds(2));
                else if (open.get(i) instanceof KafkaConsumer<?, ?> consumer) consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(2)));
                // What an admin client still waits for is not waited for.
                else if (open.get(i) instanceof Admin admin) admin.close(Duration.ZERO);
                else open.get(i).close();
            } catch (Exception ignored) {
                // The check has said what it saw; a client that cannot say goodbye changes nothing.
            }
        }
    }
}
