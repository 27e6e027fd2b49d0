"""Consumer groups, with both rebalance protocols."""
from confluent_kafka import TopicPartition

from at import LIMIT_S, check, collect, until


@check
def group_offsets(at):
    topic, producer = at.topic("t"), at.producer(linger_ms=20)
    for i in range(10):
        producer.produce(topic, str(i))
    producer.flush(LIMIT_S)
    first, seen = at.group(), []
    first.subscribe([topic])
    until("ten records", lambda: collect(first, seen) >= 10)
    first.commit(offsets=[TopicPartition(topic, 0, 7)], asynchronous=False)
    committed = first.committed([TopicPartition(topic, 0)], LIMIT_S)[0].offset
    first.close()
    second, after = at.group(), []
    second.subscribe([topic])
    until("the rest", lambda: collect(second, after) >= 3)
    second.close()
    other = at.group(group_id=at.name("other"))
    return {"committed": committed, "after": after, "unset": other.committed([TopicPartition(topic, 0)], LIMIT_S)[0].offset}


def come_and_go(at, strategy):
    topic, producer = at.topic("t", 6), at.producer(linger_ms=20)
    for i in range(300):
        producer.produce(topic, str(i), partition=i % 6)
    producer.flush(LIMIT_S)
    members, seen = [], []

    def share(*counts):
        def reached():
            for member in members:
                collect(member, seen)
            return [len(member.assignment()) for member in members] == list(counts)
        until(f"shares {counts}", reached)

    def revoked(member, partitions):
        for partition in member.position(partitions):
            if partition.offset >= 0:
                member.commit(offsets=[partition], asynchronous=False)
        # On a rebalance librdkafka's cooperative protocol takes away only what moves.
        if strategy == "cooperative-sticky":
            member.incremental_unassign(partitions)
        else:
            member.unassign()

    for counts in ([6], [3, 3], [2, 2, 2]):
        members.append(at.group(partition_assignment_strategy=strategy))
        members[-1].subscribe([topic], on_revoke=revoked)
        share(*counts)
    members.pop(0).close()
    share(3, 3)
    until("all is read", lambda: max(collect(m, seen) for m in members) >= 300 and len(set(seen)) == 300)
    # Nobody closes with a revocation before it that it has not taken: librdkafka leaves the group at once then, before it calls on_revoke, and on any broker the commit in there is
    # refused with UNKNOWN_MEMBER_ID (rd_kafka_cgrp_unsubscribe, which takes an outstanding callback for one that is over). So the others take over first what the last one had.
    while members:
        members.pop(0).close()
        share(*[6 // len(members)] * len(members) if members else ())
    return {"different": len(set(seen))}


@check
def group_range(at):
    return come_and_go(at, "range")


@check
def group_cooperative(at):
    return come_and_go(at, "cooperative-sticky")


@check
def group_static(at):
    topic, members = at.topic("t", 4), {}
    assigned = {"a": 0, "b": 0}

    def join(name):
        def on_assign(consumer, partitions):
            assigned[name] += 1
        members[name] = at.group(group_instance_id=name, session_timeout_ms=20000)
        members[name].subscribe([topic], on_assign=on_assign)

    def share():
        for member in members.values():
            member.poll(0.05)
        return [len(m.assignment()) for m in members.values()] == [2, 2]

    join("a")
    join("b")
    until("two share", share)
    before, first = sorted(p.partition for p in members["b"].assignment()), assigned["a"]
    members["b"].close()
    join("b")
    until("two share again", share)
    after = sorted(p.partition for p in members["b"].assignment())
    for member in members.values():
        member.close()
    return {"sameAssignment": before == after, "rebalancesOfOther": assigned["a"] - first}
