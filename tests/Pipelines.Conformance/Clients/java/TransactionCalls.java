import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Admin calls about transactions (KIP-664) and fencing (KIP-588's fenceProducers). */
final class TransactionCalls {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("transactions-describe", TransactionCalls::describe);
        checks.put("producers-describe", TransactionCalls::producers);
        checks.put("producers-fence", TransactionCalls::fence);
        checks.put("features", TransactionCalls::features);
    }

    private static List<String> states(At at, ListTransactionsOptions options) throws Exception {
        return at.admin().listTransactions(options).all().get().stream().filter(t -> t.transactionalId().startsWith(at.id)).map(TransactionListing::state).map(Object::toString).toList();
    }

    private static Object describe(At at) throws Exception {
        String topic = at.topic("t", 2), id = at.name("x");
        var producer = at.transactional("x", "transaction.timeout.ms=54321");
        producer.beginTransaction();
        At.send(producer, topic, "k", "v");
        var open = at.admin().describeTransactions(List.of(id)).description(id).get();
        var facts = At.facts("state", open.state().toString(), "timeout", open.transactionTimeoutMs(), "partitions", open.topicPartitions().size(),
            "started", open.transactionStartTimeMs().isPresent(), "listed", states(at, new ListTransactionsOptions()),
            "listedOngoing", states(at, new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING))),
            "listedEmpty", states(at, new ListTransactionsOptions().filterStates(Set.of(TransactionState.EMPTY))),
            "ofProducer", states(at, new ListTransactionsOptions().filterProducerIds(Set.of(open.producerId()))),
            "ofOther", states(at, new ListTransactionsOptions().filterProducerIds(Set.of(open.producerId() + 1_000_000))),
            "longer", states(at, new ListTransactionsOptions().filterOnDuration(60_000)));
        producer.commitTransaction();
        At.until("the commit is complete", () -> { try { return at.admin().describeTransactions(List.of(id)).description(id).get().state() == TransactionState.COMPLETE_COMMIT; } catch (Exception e) { throw new AssertionError(e); } });
        facts.put("unknown", At.error(() -> at.admin().describeTransactions(List.of(at.name("none"))).all().get()));
        return facts;
    }

    private static Object producers(At at) throws Exception {
        String topic = at.topic("t", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        var producer = at.transactional("x");
        producer.beginTransaction();
        for (int i = 0; i < 3; i++) At.send(producer, topic, "k", "v");
        var open = at.admin().describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
        var one = open.get(0);
        var facts = At.facts("producers", open.size(), "lastSequence", one.lastSequence(), "start", one.currentTransactionStartOffset().orElse(-1), "recent", System.currentTimeMillis() - one.lastTimestamp() < 60_000);
        // The operator's way out for a hanging transaction. This one is alive, so its owner then finds out.
        var spec = new AbortTransactionSpec(partition, one.producerId(), (short) one.producerEpoch(), one.coordinatorEpoch().orElse(0));
        facts.put("abort", At.error(() -> at.admin().abortTransaction(spec).all().get(20, TimeUnit.SECONDS)));
        facts.put("committed", at.values(topic, At.COMMITTED));
        facts.put("startAfter", at.admin().describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers().get(0).currentTransactionStartOffset().orElse(-1));
        facts.put("unknown", At.error(() -> at.admin().describeProducers(List.of(new TopicPartition(at.name("none"), 0))).all().get(1, TimeUnit.SECONDS)));
        return facts;
    }

    private static Object fence(At at) throws Exception {
        String topic = at.topic("t", 1);
        var producer = at.transactional("x");
        producer.beginTransaction();
        At.send(producer, topic, "k", "v");
        String fence = At.error(() -> at.admin().fenceProducers(List.of(at.name("x"))).all().get(20, TimeUnit.SECONDS));
        return At.facts("fence", fence, "commit", At.error(() -> { At.send(producer, topic, "k", "late"); producer.commitTransaction(); return null; }),
            "committed", at.values(topic, At.COMMITTED));
    }

    private static Object features(At at) throws Exception {
        var features = at.admin().describeFeatures().featureMetadata().get();
        var transactions = features.finalizedFeatures().get("transaction.version");
        return At.facts("transactionVersion", transactions == null ? 0 : transactions.maxVersionLevel(), "supported", features.supportedFeatures().containsKey("transaction.version"));
    }
}
