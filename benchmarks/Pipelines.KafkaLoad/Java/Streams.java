import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.processor.StateRestoreListener;

import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;

/**
 * The four jobs with Kafka Streams: exactly_once_v2, RocksDB, default caches. Values stay bytes, which spares it decoding.
 * Streams JOB BOOTSTRAP APPLICATION OUTPUT STATE_FOLDER COMMIT_MS THREADS. Ends when its input is closed.
 */
final class Streams {
    public static void main(String[] args) throws Exception {
        long began = System.nanoTime();
        Properties properties = new Properties();
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2]);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, Long.parseLong(args[5]));
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.parseInt(args[6]));
        properties.put("consumer.auto.offset.reset", "earliest");
        // A killed instance is missed after this time, the least that brokers allow; the default is 45 s.
        properties.put("consumer.session.timeout.ms", 6000);
        properties.put("consumer.heartbeat.interval.ms", 500);

        KafkaStreams streams = new KafkaStreams(topology(args[0], args[3]).build(), properties);
        CountDownLatch running = new CountDownLatch(1);
        streams.setStateListener((now, before) -> { if (now == KafkaStreams.State.RUNNING) running.countDown(); });
        streams.setGlobalStateRestoreListener(new Restores());
        streams.start();
        running.await();
        System.out.println("started " + (System.nanoTime() - began) / 1_000_000);
        while (System.in.read() >= 0) { }
        streams.close(Duration.ofSeconds(20));
        System.exit(0);
    }

    private static StreamsBuilder topology(String job, String output) {
        Serde<Long> numbers = Serdes.Long();
        Serde<byte[]> bytes = Serdes.ByteArray();
        StreamsBuilder builder = new StreamsBuilder();
        KStream<Long, byte[]> events = builder.stream("events", Consumed.with(numbers, bytes));
        switch (job) {
            case "copy" -> events.to(output, Produced.with(numbers, bytes));
            case "count" -> events.groupByKey(Grouped.with(numbers, bytes)).count().toStream().to(output, Produced.with(numbers, numbers));
            case "windowed" -> events.groupByKey(Grouped.with(numbers, bytes))
                .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofSeconds(10)))
                .count().toStream()
                .to(output, Produced.with(WindowedSerdes.timeWindowedSerdeFrom(Long.class, Duration.ofMinutes(1).toMillis()), numbers));
            case "join" -> events.join(builder.table("accounts", Consumed.with(numbers, bytes)), Streams::append, Joined.with(numbers, bytes, bytes))
                .to(output, Produced.with(numbers, bytes));
            default -> throw new IllegalArgumentException("There is no job '" + job + "'.");
        }
        return builder;
    }

    /** The event and its account's row, one behind the other. */
    private static byte[] append(byte[] event, byte[] account) {
        byte[] both = Arrays.copyOf(event, event.length + account.length);
        System.arraycopy(account, 0, both, event.length, account.length);
        return both;
    }

    /** Tells when a store has been restored and how many records that took. */
    private static final class Restores implements StateRestoreListener {
        @Override
        public void onRestoreStart(TopicPartition partition, String store, long start, long end) { }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long end, long count) { }

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long total) {
            System.out.println("restored " + total);
        }
    }
}
