"""One check's place at the broker, and short forms of what every check does."""
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

CHECKS = {}
LIMIT_S = 30


def check(function):
    CHECKS[function.__name__.replace("_", "-")] = function
    return function


class At:
    """One check's place at the broker: names of its own, and short forms of what every check does."""

    def __init__(self, bootstrap, ident):
        self.bootstrap, self.id = bootstrap, ident
        self.admin = AdminClient(self.settings())

    def settings(self, **more):
        settings = {"bootstrap.servers": self.bootstrap, "log_level": 3}
        settings.update({name.replace("_", "."): value for name, value in more.items()})
        return settings

    def name(self, part):
        return f"{self.id}-{part}"

    def topic(self, part, partitions=1, **config):
        new = NewTopic(self.name(part), partitions, 1, config={k.replace("_", "."): v for k, v in config.items()})
        self.admin.create_topics([new])[self.name(part)].result(LIMIT_S)
        # Apache Kafka tells of a topic before its partitions take records.
        asking = Consumer(self.settings(group_id=self.name("nobody")))
        for partition in range(partitions):
            until("the topic is there", lambda: error(lambda: asking.get_watermark_offsets(TopicPartition(self.name(part), partition), LIMIT_S)) == "none")
        asking.close()
        return self.name(part)

    def producer(self, **more):
        return Producer(self.settings(**more))

    def transactional(self, part, **more):
        producer = self.producer(transactional_id=self.name(part), linger_ms=5, **more)
        producer.init_transactions(LIMIT_S)
        return producer

    def group(self, **more):
        return Consumer(self.settings(**{"group_id": self.name("g"), "auto_offset_reset": "earliest", "enable_auto_commit": False,
                                         "session_timeout_ms": 6000, "heartbeat_interval_ms": 200, **more}))

    def all(self, topic, isolation="read_uncommitted"):
        """Every record of the topic, in the order of its partitions' ends, as a new reader of this isolation sees it."""
        reader = Consumer(self.settings(group_id=self.name("reader"), isolation_level=isolation, enable_auto_commit=False, enable_partition_eof=True))
        partitions = [TopicPartition(topic, p, OFFSET_BEGINNING) for p in reader.list_topics(topic, LIMIT_S).topics[topic].partitions]
        reader.assign(partitions)
        records, ends = [], set()
        until = time.monotonic() + LIMIT_S
        while len(ends) < len(partitions):
            message = reader.poll(0.2)
            if time.monotonic() > until:
                raise AssertionError(f"not within {LIMIT_S} s: the end of {topic}; seen {len(records)} records")
            if message is None:
                continue
            if message.error() is None:
                records.append(message)
            elif message.error().name() == "_PARTITION_EOF":
                ends.add(message.partition())
            else:
                raise KafkaException(message.error())
        reader.close()
        return records

    def values(self, topic, isolation="read_uncommitted"):
        return [text(m.value()) for m in self.all(topic, isolation)]


def text(value):
    return None if value is None else value.decode()


def error(call):
    """The name of the error with which the call ends; "none" when it succeeds."""
    try:
        call()
        return "none"
    except KafkaException as wrapped:
        return wrapped.args[0].name()


def until(what, reached):
    end = time.monotonic() + LIMIT_S
    while not reached():
        if time.monotonic() > end:
            raise AssertionError(f"not within {LIMIT_S} s: {what}")


def send(producer, topic, value, **more):
    """Sends one record and waits for the answer: its offset, or the error's name."""
    told = []
    producer.produce(topic, value, on_delivery=lambda problem, message: told.append(problem.name() if problem else message.offset()), **more)
    producer.flush(LIMIT_S)
    return told[0] if told else "unanswered"


def collect(consumer, seen):
    message = consumer.poll(0.05)
    if message is not None:
        if message.error():
            raise KafkaException(message.error())
        seen.append(text(message.value()))
    return len(seen)
