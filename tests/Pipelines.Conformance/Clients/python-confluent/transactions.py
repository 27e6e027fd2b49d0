"""Transactions with what librdkafka speaks, the requests of before transaction version 2."""
import time

from confluent_kafka import TopicPartition

from at import LIMIT_S, check, error, send, text, until


@check
def transactions(at):
    topic, producer = at.topic("t"), at.transactional("x")
    for values, commit in ((("a", "b"), True), (("aborted 1", "aborted 2"), False), (("c",), True)):
        producer.begin_transaction()
        for value in values:
            producer.produce(topic, value)
        producer.flush(LIMIT_S)
        producer.commit_transaction(LIMIT_S) if commit else producer.abort_transaction(LIMIT_S)
    producer.begin_transaction()
    producer.produce(topic, "open")
    producer.flush(LIMIT_S)
    seen = {"committed": at.values(topic, "read_committed"), "uncommitted": at.values(topic)}
    producer.commit_transaction(LIMIT_S)
    seen["after"] = at.values(topic, "read_committed")
    return seen


@check
def transaction_empty(at):
    producer = at.transactional("x")
    producer.begin_transaction()
    commit = error(lambda: producer.commit_transaction(LIMIT_S))
    producer.begin_transaction()
    abort = error(lambda: producer.abort_transaction(LIMIT_S))
    return {"commit": commit, "abort": abort}


@check
def transaction_fenced(at):
    topic, zombie = at.topic("t"), at.transactional("x")
    zombie.begin_transaction()
    zombie.produce(topic, "of the zombie")
    zombie.flush(LIMIT_S)
    after = at.transactional("x")
    zombie.produce(topic, "late")
    send_late = error(lambda: zombie.flush(5))
    commit = error(lambda: zombie.commit_transaction(LIMIT_S))
    after.begin_transaction()
    after.produce(topic, "of the next")
    after.commit_transaction(LIMIT_S)
    return {"send": send_late, "commit": commit, "committed": at.values(topic, "read_committed")}


@check
def transaction_timeout(at):
    topic, producer = at.topic("t"), at.transactional("x", transaction_timeout_ms=1000, message_timeout_ms=1000)
    producer.begin_transaction()
    send(producer, topic, "forgotten")
    plain = at.producer()
    send(plain, topic, "plain")
    until("the broker aborts it", lambda: at.values(topic, "read_committed") == ["plain"])
    return {"commit": error(lambda: producer.commit_transaction(LIMIT_S)) != "none", "committed": at.values(topic, "read_committed")}


@check
def transaction_copy(at):
    source, target, seed = at.topic("in", 2), at.topic("out", 2), at.producer(linger_ms=20)
    for i in range(100):
        seed.produce(source, str(i), partition=i % 2)
    seed.flush(LIMIT_S)
    consumer, producer, copied, attempt = at.group(isolation_level="read_committed"), at.transactional("x"), 0, 0
    consumer.subscribe([source])
    until_s = time.monotonic() + LIMIT_S
    while copied < 100:
        if time.monotonic() > until_s:
            raise AssertionError(f"only {copied} copied")
        batch = consumer.consume(20, 0.2)
        if not batch:
            continue
        producer.begin_transaction()
        for message in batch:
            producer.produce(target, text(message.value()) + "!", partition=message.partition())
        producer.send_offsets_to_transaction(consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), LIMIT_S)
        attempt += 1
        if attempt % 3 == 0:
            producer.abort_transaction(LIMIT_S)
            for partition in consumer.committed(consumer.assignment(), LIMIT_S):
                consumer.seek(TopicPartition(source, partition.partition, max(partition.offset, 0)))
        else:
            producer.commit_transaction(LIMIT_S)
            copied += len(batch)
    consumer.close()
    values = at.values(target, "read_committed")
    return {"aborted": attempt >= 3, "copied": len(values), "different": len(set(values))}
