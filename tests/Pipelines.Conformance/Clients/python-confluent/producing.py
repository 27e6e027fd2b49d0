"""Metadata, producing, reading and offsets."""
import time

from confluent_kafka import TopicPartition

from at import LIMIT_S, check, send, text, until


@check
def metadata(at):
    topic = at.topic("t", 3)
    found = at.admin.list_topics(topic, LIMIT_S)
    made = at.producer().list_topics(at.name("made"), LIMIT_S).topics[at.name("made")]
    until("the topic is made", lambda: len(at.producer().list_topics(at.name("made"), LIMIT_S).topics[at.name("made")].partitions) == 1)
    return {"brokers": len(found.brokers), "controller": found.controller_id in found.brokers, "cluster": bool(found.cluster_id),
            "partitions": [[p.id, p.leader in found.brokers, len(p.replicas), len(p.isrs)] for p in sorted(found.topics[topic].partitions.values(), key=lambda p: p.id)],
            "made": made.error is None or made.error.name() in ("LEADER_NOT_AVAILABLE", "UNKNOWN_TOPIC_OR_PART")}


@check
def roundtrip(at):
    topic, producer, now = at.topic("t"), at.producer(linger_ms=50), int(time.time() * 1000) - 60000
    producer.produce(topic, "value", "key", timestamp=now, headers=[("h", b"\x01\x02"), ("h", None), ("naïve", b"")])
    producer.produce(topic, "no key", timestamp=now + 1)
    producer.produce(topic, None, "gone", timestamp=now + 2)
    producer.produce(topic, "", "", timestamp=now - 5)
    producer.flush(LIMIT_S)
    return [{"offset": m.offset(), "key": text(m.key()), "value": text(m.value()), "time": m.timestamp()[1] - now, "type": m.timestamp()[0],
             "headers": [[k, None if v is None else list(v)] for k, v in m.headers() or []]} for m in at.all(topic)]


@check
def codecs(at):
    seen = {}
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        topic, producer = at.topic(codec), at.producer(compression_codec=codec, linger_ms=100)
        wanted = [f"a value that repeats itself {i}" for i in range(500)]
        for i, value in enumerate(wanted):
            producer.produce(topic, value, f"k{i % 7}")
        producer.flush(LIMIT_S)
        seen[codec] = wanted == at.values(topic)
    return seen


@check
def big_records(at):
    topic, producer = at.topic("t"), at.producer(message_max_bytes=8000000)
    sent, refused = send(producer, topic, b"x" * 921600), send(producer, topic, b"x" * 2000000)
    return {"sent": sent, "refused": refused, "read": [len(m.value()) for m in at.all(topic)]}


@check
def acks(at):
    topic = at.topic("t")
    seen = {str(acks): send(at.producer(acks=acks), topic, f"{acks}") for acks in (1, -1)}
    send(at.producer(acks=0), topic, "0")
    until("the record without acknowledgement", lambda: len(at.values(topic)) == 3)
    return seen


@check
def idempotent(at):
    topic, producer = at.topic("t"), at.producer(enable_idempotence=True, linger_ms=0, batch_num_messages=5)
    for i in range(2000):
        producer.produce(topic, str(i))
        producer.poll(0)
    producer.flush(LIMIT_S)
    return {"inOrder": at.values(topic) == [str(i) for i in range(2000)]}


@check
def offsets(at):
    topic, producer, now = at.topic("t"), at.producer(), int(time.time() * 1000) - 100000
    for t in (1000, 3000, 2000, 5000, 4000):
        send(producer, topic, str(t), timestamp=now + t)
    consumer = at.group()
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), LIMIT_S)
    times = {str(t): consumer.offsets_for_times([TopicPartition(topic, 0, now + t)], LIMIT_S)[0].offset for t in (0, 1000, 1001, 2500, 3500, 5000, 5001)}
    return {"low": low, "high": high, "times": times}
