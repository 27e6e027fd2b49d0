import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;

import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Kafka Streams program with exactly_once_v2: counts words, by way of a repartition topic and a state store with its changelog.
 * WordCount BOOTSTRAP APPLICATION INPUT OUTPUT STATE_FOLDER [DIE_AFTER]: after DIE_AFTER lines it dies without a farewell; else it works until its input ends.
 */
final class WordCount {
    public static void main(String[] args) throws Exception {
        int dieAfter = args.length > 5 ? Integer.parseInt(args[5]) : Integer.MAX_VALUE;
        Properties properties = new Properties();
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put("consumer.auto.offset.reset", "earliest");
        properties.put("consumer.session.timeout.ms", 6000);
        properties.put("consumer.heartbeat.interval.ms", 500);

        AtomicInteger lines = new AtomicInteger();
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> input = builder.stream(args[2]);
        input.peek((key, value) -> { if (lines.incrementAndGet() >= dieAfter) Runtime.getRuntime().halt(9); })
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word, Grouped.as("words"))
            .count()
            .toStream()
            .mapValues(Object::toString)
            .to(args[3], Produced.with(Serdes.String(), Serdes.String()));

        KafkaStreams streams = new KafkaStreams(builder.build(), properties);
        CountDownLatch running = new CountDownLatch(1);
        streams.setStateListener((now, before) -> { if (now == KafkaStreams.State.RUNNING) running.countDown(); });
        streams.start();
        running.await();
        System.out.println("running");
        if (dieAfter < Integer.MAX_VALUE) Thread.currentThread().join();
        // The one who started us closes our input when the output is complete.
        while (System.in.read() >= 0) { }
        streams.close();
        System.out.println("closed");
        System.exit(0);
    }
}
