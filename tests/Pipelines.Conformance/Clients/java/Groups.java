import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Consumer groups of the classic protocol. */
final class Groups {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("group-offsets-survive", Groups::offsetsSurvive);
        checks.put("group-eager", at -> membersComeAndGo(at, RangeAssignor.class));
        checks.put("group-cooperative", at -> membersComeAndGo(at, CooperativeStickyAssignor.class));
        checks.put("group-static-return", Groups::staticReturn);
        checks.put("group-static-fenced", Groups::staticFenced);
        checks.put("group-static-remembered", Groups::staticRemembered);
        checks.put("group-poll-late", Groups::pollLate);
        checks.put("group-strangers", Groups::strangers);
        checks.put("group-old-generation", Groups::oldGeneration);
        checks.put("group-grown-topic", Groups::grownTopic);
    }

    static String[] settings(At at, String... more) {
        List<String> settings = new ArrayList<>(List.of("group.id=" + at.name("g"), "group.protocol=classic", "auto.offset.reset=earliest", "enable.auto.commit=false",
            "session.timeout.ms=6000", "heartbeat.interval.ms=200", "max.poll.interval.ms=20000"));
        settings.addAll(List.of(more));
        return settings.toArray(String[]::new);
    }

    static void fill(At at, String topic, int partitions, int from, int count) throws Exception {
        var producer = at.producer("linger.ms=20");
        for (int i = from; i < from + count; i++) producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(topic, i % partitions, null, "" + i));
        producer.flush();
    }

    private static Object offsetsSurvive(At at) throws Exception {
        String topic = at.topic("t", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        fill(at, topic, 1, 0, 10);
        KafkaConsumer<String, String> first = at.consumer(settings(at));
        first.subscribe(List.of(topic));
        List<String> seen = new ArrayList<>();
        At.until("ten records", () -> { first.poll(Duration.ofMillis(100)).forEach(r -> seen.add(r.value())); return seen.size() == 10; });
        first.commitSync(Map.of(partition, new OffsetAndMetadata(7, java.util.Optional.of(0), "a note")));
        OffsetAndMetadata told = first.committed(java.util.Set.of(partition)).get(partition);
        first.close();
        KafkaConsumer<String, String> second = at.consumer(settings(at));
        second.subscribe(List.of(topic));
        List<String> after = new ArrayList<>();
        At.until("the rest", () -> { second.poll(Duration.ofMillis(100)).forEach(r -> after.add(r.value())); return after.size() >= 3; });
        var unset = at.consumer(settings(at, "group.id=" + at.name("other"))).committed(java.util.Set.of(partition));
        return At.facts("offset", told.offset(), "note", told.metadata(), "epoch", told.leaderEpoch().orElse(-1), "after", after, "unset", String.valueOf(unset.get(partition)));
    }

    private static Object membersComeAndGo(At at, Class<?> assignor) throws Exception {
        String topic = at.topic("t", 6);
        String[] settings = settings(at, "partition.assignment.strategy=" + assignor.getName());
        fill(at, topic, 6, 0, 600);
        Member a = at.track(new Member(at, topic, settings));
        At.until("one member has all", () -> a.has(6));
        Member b = at.track(new Member(at, topic, settings));
        At.until("two share", () -> a.has(3) && b.has(3));
        int revokedForOne = a.revoked.get();
        Member c = at.track(new Member(at, topic, settings));
        At.until("three share", () -> a.has(2) && b.has(2) && c.has(2));
        fill(at, topic, 6, 600, 600);
        At.until("the records are read by all", () -> a.seen.size() + b.seen.size() + c.seen.size() >= 1200);
        b.leave();
        At.until("two are left", () -> a.has(3) && c.has(3));
        fill(at, topic, 6, 1200, 600);
        At.until("the rest is read", () -> a.seen.size() + b.seen.size() + c.seen.size() >= 1800);
        List<String> all = new ArrayList<>(a.seen);
        all.addAll(b.seen);
        all.addAll(c.seen);
        return At.facts("revokedWhenSecondJoined", revokedForOne, "records", all.size(), "different", new TreeSet<>(all).size());
    }

    private static Object staticReturn(At at) throws Exception {
        String topic = at.topic("t", 4);
        Member a = at.track(new Member(at, topic, settings(at, "group.instance.id=a", "session.timeout.ms=20000")));
        Member b = at.track(new Member(at, topic, settings(at, "group.instance.id=b", "session.timeout.ms=20000")));
        At.until("two share", () -> a.has(2) && b.has(2));
        var before = new TreeSet<>(b.owned.stream().map(TopicPartition::partition).toList());
        int rebalances = a.assignments.get();
        b.close();
        Member again = at.track(new Member(at, topic, settings(at, "group.instance.id=b", "session.timeout.ms=20000")));
        At.until("the member is back", () -> again.has(2));
        fill(at, topic, 4, 0, 40);
        At.until("both read", () -> a.seen.size() + again.seen.size() >= 40);
        return At.facts("sameAssignment", before.equals(new TreeSet<>(again.owned.stream().map(TopicPartition::partition).toList())), "rebalancesOfOther", a.assignments.get() - rebalances,
            "read", a.seen.size() + again.seen.size());
    }

    private static Object staticFenced(At at) throws Exception {
        String topic = at.topic("t", 2);
        Member first = at.track(new Member(at, topic, settings(at, "group.instance.id=a")));
        At.until("assigned", () -> first.has(2));
        Member second = at.track(new Member(at, topic, settings(at, "group.instance.id=a")));
        At.until("the first is told", () -> !first.ended.equals("no"));
        At.until("the second owns all", () -> second.has(2));
        return At.facts("first", first.ended, "second", second.ended);
    }

    private static Object staticRemembered(At at) throws Exception {
        String topic = at.topic("t", 2);
        Member a = at.track(new Member(at, topic, settings(at, "group.instance.id=a", "session.timeout.ms=6000")));
        Member b = at.track(new Member(at, topic, settings(at, "group.instance.id=b", "session.timeout.ms=6000")));
        At.until("two share", () -> a.has(1) && b.has(1));
        long left = System.nanoTime();
        b.close();
        // A static member that goes is waited for: only its session's end gives its partitions away.
        At.until("the other takes over", () -> a.has(2));
        return At.facts("afterSession", System.nanoTime() - left > 3_000_000_000L);
    }

    private static Object pollLate(At at) throws Exception {
        String topic = at.topic("t", 2);
        KafkaConsumer<String, String> late = at.consumer(settings(at, "max.poll.interval.ms=1000"));
        late.subscribe(List.of(topic));
        At.until("assigned", () -> { late.poll(Duration.ofMillis(100)); return late.assignment().size() == 2; });
        Member other = at.track(new Member(at, topic, settings(at)));
        At.until("the other owns all", () -> other.has(2));
        return At.facts("commit", At.error(() -> late.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0)))));
    }

    private static Object strangers(At at) throws Exception {
        String topic = at.topic("t", 2);
        Member member = at.track(new Member(at, topic, settings(at, "partition.assignment.strategy=" + RangeAssignor.class.getName())));
        At.until("assigned", () -> member.has(2));
        KafkaConsumer<String, String> simple = at.consumer(settings(at));
        String commit = At.error(() -> simple.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0))));
        KafkaConsumer<String, String> other = at.consumer(settings(at, "partition.assignment.strategy=" + RoundRobinAssignor.class.getName()));
        other.subscribe(List.of(topic));
        String join = At.error(() -> { At.until("an error", () -> { other.poll(Duration.ofMillis(200)); return false; }); });
        KafkaConsumer<String, String> tooShort = at.consumer(settings(at, "session.timeout.ms=300", "heartbeat.interval.ms=100"));
        tooShort.subscribe(List.of(topic));
        String session = At.error(() -> { At.until("an error", () -> { tooShort.poll(Duration.ofMillis(200)); return false; }); });
        member.leave();
        String commitToEmpty = At.error(() -> simple.commitSync(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0))));
        return At.facts("simpleCommit", commit, "otherAssignor", join, "shortSession", session, "simpleCommitWhenEmpty", commitToEmpty);
    }

    private static Object oldGeneration(At at) throws Exception {
        String topic = at.topic("t", 2);
        KafkaConsumer<String, String> first = at.consumer(settings(at));
        first.subscribe(List.of(topic));
        At.until("assigned", () -> { first.poll(Duration.ofMillis(100)); return first.assignment().size() == 2; });
        var old = first.groupMetadata();
        Member second = at.track(new Member(at, topic, settings(at)));
        At.until("shared", () -> { first.poll(Duration.ofMillis(100)); return second.has(1) && first.assignment().size() == 1; });
        var producer = at.transactional("x");
        producer.beginTransaction();
        String zombie = At.error(() -> { producer.sendOffsetsToTransaction(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(1)), old); producer.commitTransaction(); });
        producer.abortTransaction();
        producer.beginTransaction();
        String current = At.error(() -> { producer.sendOffsetsToTransaction(Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(1)), first.groupMetadata()); producer.commitTransaction(); });
        return At.facts("newGeneration", first.groupMetadata().generationId() > old.generationId(), "zombie", zombie, "current", current);
    }

    private static Object grownTopic(At at) throws Exception {
        String topic = at.topic("t", 1);
        Member a = at.track(new Member(at, topic, settings(at, "metadata.max.age.ms=300")));
        At.until("assigned", () -> a.has(1));
        at.admin().createPartitions(Map.of(topic, org.apache.kafka.clients.admin.NewPartitions.increaseTo(3))).all().get();
        At.until("the new partitions are assigned", () -> a.has(3));
        fill(at, topic, 3, 0, 30);
        At.until("all are read", () -> a.seen.size() >= 30);
        return At.facts("read", a.seen.size());
    }
}
