"""One check's place at the broker, and short forms of what every check does."""
import threading
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaError

CHECKS = {}
LIMIT_S = 30


def check(function):
    CHECKS[function.__name__.replace("_", "-")] = function
    return function


class At:
    """One check's place at the broker: names of its own, clients that are closed at its end."""

    def __init__(self, bootstrap, ident):
        self.bootstrap, self.id, self.open = bootstrap, ident, []
        self.admin = self.track(KafkaAdminClient(bootstrap_servers=bootstrap))

    def track(self, client):
        self.open.append(client)
        return client

    def close(self):
        for client in self.open:
            client.close()

    def name(self, part):
        return f"{self.id}-{part}"

    def topic(self, part, partitions=1, **config):
        self.admin.create_topics([NewTopic(self.name(part), partitions, 1, topic_configs={k.replace("_", "."): v for k, v in config.items()})])
        # Where topics are made by one part of the broker and told of by another, the telling may come a little later.
        until("the topic is there", lambda: self.admin.describe_topics([self.name(part)])[0]["error_code"] == 0)
        return self.name(part)

    def producer(self, **more):
        return self.track(KafkaProducer(bootstrap_servers=self.bootstrap, **more))

    def consumer(self, *topics, **more):
        return self.track(KafkaConsumer(*topics, bootstrap_servers=self.bootstrap, **{"auto_offset_reset": "earliest", "enable_auto_commit": False, **more}))

    def member(self, topic, **more):
        return self.consumer(topic, group_id=self.name("g"), session_timeout_ms=6000, heartbeat_interval_ms=200, **more)

    def all(self, topic):
        """Every record of the topic."""
        consumer = self.consumer()
        partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends, records = consumer.end_offsets(partitions), []
        until("all is read", lambda: records.extend(polled(consumer)) or all(consumer.position(p) >= ends[p] for p in partitions))
        return records


def polled(consumer):
    return [record for records in consumer.poll(timeout_ms=50).values() for record in records]


def text(value):
    return None if value is None else value.decode()


def until(what, reached):
    end = time.monotonic() + LIMIT_S
    while not reached():
        if time.monotonic() > end:
            raise AssertionError(f"not within {LIMIT_S} s: {what}")


def error(call):
    try:
        call()
        return "none"
    except KafkaError as problem:
        return type(problem).__name__


class Member(threading.Thread):
    """This client joins inside of poll, and waits there for the others: so each member has a thread of its own."""

    def __init__(self, at, topic):
        super().__init__(daemon=True)
        self.at, self.topic, self.owned, self.stop = at, topic, 0, False
        self.start()

    def run(self):
        consumer = KafkaConsumer(self.topic, bootstrap_servers=self.at.bootstrap, group_id=self.at.name("g"), session_timeout_ms=6000, heartbeat_interval_ms=200)
        while not self.stop:
            consumer.poll(timeout_ms=50)
            self.owned = len(consumer.assignment())
        consumer.close()
