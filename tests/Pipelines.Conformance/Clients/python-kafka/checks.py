"""The client written in Python itself (kafka-python), asked one check at a time.

checks.py BOOTSTRAP CHECK [ID] prints what was seen as one line of JSON; checks.py BOOTSTRAP reads lines "CHECK ID" and answers each with one.
"""
import json
import sys
import time
import traceback
import uuid

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions
from kafka.structs import OffsetAndMetadata

from at import CHECKS, LIMIT_S, At, Member, check, error, polled, text, until


@check
def roundtrip(at):
    topic, producer, now = at.topic("t"), at.producer(linger_ms=20), int(time.time() * 1000) - 60000
    producer.send(topic, b"value", b"key", timestamp_ms=now, headers=[("h", b"\x01\x02"), ("na\u00efve", b"")])
    producer.send(topic, b"no key", timestamp_ms=now + 1)
    producer.send(topic, None, b"gone", timestamp_ms=now + 2)
    producer.flush(LIMIT_S)
    return [{"offset": r.offset, "key": text(r.key), "value": text(r.value), "time": r.timestamp - now, "headers": [[k, list(v)] for k, v in r.headers]} for r in at.all(topic)]


@check
def auto_create(at):
    sent = at.producer().send(at.name("made"), b"v").get(LIMIT_S)
    return {"partition": sent.partition, "offset": sent.offset, "partitions": len(at.consumer().partitions_for_topic(at.name("made")))}


@check
def codecs(at):
    seen = {}
    for codec in (None, "gzip", "snappy", "lz4", "zstd"):
        topic = at.topic(str(codec))
        producer = at.producer(compression_type=codec, linger_ms=50)
        wanted = [f"a value that repeats itself {i}".encode() for i in range(300)]
        for value in wanted:
            producer.send(topic, value)
        producer.flush(LIMIT_S)
        seen[str(codec)] = [r.value for r in at.all(topic)] == wanted
    return seen


@check
def big_records(at):
    topic, producer = at.topic("t"), at.producer(max_request_size=8000000)
    sent = producer.send(topic, b"x" * 921600).get(LIMIT_S).offset
    refused = error(lambda: producer.send(topic, b"x" * 2000000).get(LIMIT_S))
    return {"sent": sent, "refused": refused, "read": [len(r.value) for r in at.all(topic)]}


@check
def offsets(at):
    topic, producer, now = at.topic("t"), at.producer(), int(time.time() * 1000) - 100000
    partition, consumer = TopicPartition(topic, 0), at.consumer()
    for t in (1000, 3000, 2000, 5000, 4000):
        producer.send(topic, b"v", timestamp_ms=now + t).get(LIMIT_S)
    times = {}
    for t in (0, 1001, 3500, 5001):
        found = consumer.offsets_for_times({partition: now + t})[partition]
        times[str(t)] = None if found is None else [found.offset, found.timestamp - now]
    return {"earliest": consumer.beginning_offsets([partition])[partition], "latest": consumer.end_offsets([partition])[partition], "times": times}


@check
def group_offsets(at):
    topic, producer = at.topic("t"), at.producer(linger_ms=20)
    partition = TopicPartition(topic, 0)
    for i in range(10):
        producer.send(topic, str(i).encode())
    producer.flush(LIMIT_S)
    first, seen = at.member(topic), []
    until("ten records", lambda: seen.extend(polled(first)) or len(seen) >= 10)
    first.commit({partition: OffsetAndMetadata(7, "a note")})
    committed = first.committed(partition, metadata=True)
    first.close()
    second, after = at.member(topic), []
    until("the rest", lambda: after.extend(polled(second)) or len(after) >= 3)
    return {"committed": committed.offset, "note": committed.metadata, "after": [text(r.value) for r in after]}


@check
def group_members(at):
    topic, members, seen = at.topic("t", 6), [], []
    for counts in ([6], [3, 3], [2, 2, 2]):
        members.append(Member(at, topic))
        until(f"shares {counts}", lambda: time.sleep(0.01) or [m.owned for m in members] == counts)
        seen.append(counts)
    gone = members.pop(0)
    gone.stop = True
    gone.join(LIMIT_S)
    until("two are left", lambda: time.sleep(0.01) or [m.owned for m in members] == [3, 3])
    for member in members:
        member.stop = True
        member.join(LIMIT_S)
    return {"shares": seen + [[3, 3]]}


@check
def admin_topics(at):
    topic = at.topic("t", 2)
    seen = {"again": error(lambda: at.topic("t")), "more": error(lambda: at.admin.create_partitions({topic: NewPartitions(4)}))}
    until("four partitions", lambda: len(at.consumer().partitions_for_topic(topic)) == 4)
    described = at.admin.describe_topics([topic])[0]
    seen["described"] = [described["topic"] == topic, len(described["partitions"]), described["is_internal"]]
    seen["delete"] = error(lambda: at.admin.delete_topics([topic]))
    until("it is gone", lambda: topic not in at.admin.list_topics())
    seen["deleteAgain"] = error(lambda: at.admin.delete_topics([topic]))
    return seen


@check
def admin_configs(at):
    topic = at.topic("t", retention_ms="55000")

    def described(name):
        resources = at.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])[0].resources
        return [entry[1] for entry in resources[0][4] if entry[0] == name]

    seen = {"given": described("retention.ms")}
    at.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"retention.ms": "66000"})])
    until("the change is told", lambda: described("retention.ms") == ["66000"])
    seen["altered"] = described("retention.ms")
    return seen


@check
def admin_groups(at):
    topic, group = at.topic("t", 2), at.name("g")
    member = at.member(topic, client_id="the-client")
    until("assigned", lambda: polled(member) is not None and len(member.assignment()) == 2)
    member.commit({TopicPartition(topic, 1): OffsetAndMetadata(0, "")})
    described = at.admin.describe_consumer_groups([group])[0]
    seen = {"listed": (group, "consumer") in at.admin.list_consumer_groups(), "state": described.state, "protocol": described.protocol,
            "members": [[m.client_id, len(m.member_assignment.assignment[0][1])] for m in described.members],
            "offsets": [[p.partition, o.offset] for p, o in at.admin.list_consumer_group_offsets(group).items()],
            "deleteWhileUsed": [e.__name__ for _, e in at.admin.delete_consumer_groups([group])]}
    member.close()
    until("empty", lambda: at.admin.describe_consumer_groups([group])[0].state == "Empty")
    seen["delete"] = [e.__name__ for _, e in at.admin.delete_consumer_groups([group])]
    return seen


def answer(bootstrap, name, ident):
    result = {"check": name}
    try:
        at = At(bootstrap, ident)
        try:
            result["facts"] = CHECKS[name](at)
        finally:
            at.close()
    except BaseException:  # pylint: disable=broad-except
        result["error"] = traceback.format_exc()
    print(json.dumps(result, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        answer(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else f"by-hand-{uuid.uuid4().hex[:8]}")
    else:
        for line in sys.stdin:
            answer(sys.argv[1], *line.split())
