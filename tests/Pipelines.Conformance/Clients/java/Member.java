import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A group member that polls on a thread of its own, commits what it gives away, and can be watched from outside. */
final class Member implements AutoCloseable, ConsumerRebalanceListener {
    final Set<TopicPartition> owned = ConcurrentHashMap.newKeySet();
    final List<String> seen = new CopyOnWriteArrayList<>();
    final AtomicInteger assignments = new AtomicInteger(), revoked = new AtomicInteger();
    volatile String ended = "no";
    private final KafkaConsumer<String, String> consumer;
    private final Thread thread;
    private volatile boolean stop;
    private volatile CloseOptions.GroupMembershipOperation goodbye = CloseOptions.GroupMembershipOperation.DEFAULT;

    Member(At at, String topic, String... settings) {
        consumer = at.consumer(settings);
        consumer.subscribe(List.of(topic), this);
        thread = new Thread(this::run, "member");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!stop) {
                consumer.poll(Duration.ofMillis(100)).forEach(r -> seen.add(r.value()));
            }
            consumer.commitSync();
        } catch (WakeupException asked) {
            // Closed below, as asked.
        } catch (RuntimeException error) {
            ended = error.getClass().getSimpleName();
        } finally {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(5)).withGroupMembershipOperation(goodbye));
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        owned.addAll(partitions);
        assignments.incrementAndGet();
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (!partitions.isEmpty() && !stop) consumer.commitSync(Map.copyOf(positions(partitions)));
        owned.removeAll(partitions);
        revoked.addAndGet(partitions.size());
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        owned.removeAll(partitions);
        revoked.addAndGet(partitions.size());
    }

    private Map<TopicPartition, org.apache.kafka.clients.consumer.OffsetAndMetadata> positions(Collection<TopicPartition> partitions) {
        Map<TopicPartition, org.apache.kafka.clients.consumer.OffsetAndMetadata> positions = new java.util.HashMap<>();
        for (TopicPartition partition : partitions) positions.put(partition, new org.apache.kafka.clients.consumer.OffsetAndMetadata(consumer.position(partition)));
        return positions;
    }

    boolean has(int partitions) {
        return owned.size() == partitions;
    }

    void leave() throws InterruptedException {
        goodbye = CloseOptions.GroupMembershipOperation.LEAVE_GROUP;
        close();
    }

    @Override
    public void close() throws InterruptedException {
        stop = true;
        thread.join(10_000);
    }
}
