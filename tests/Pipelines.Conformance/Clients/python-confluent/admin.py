"""Admin calls."""
from confluent_kafka.admin import ConfigResource, NewPartitions, NewTopic

from at import LIMIT_S, check, error, until


@check
def admin_topics(at):
    topic = at.topic("t", 2)
    seen = {"again": error(lambda: at.topic("t")), "replicas3": error(lambda: at.admin.create_topics([NewTopic(at.name("r"), 1, 3)])[at.name("r")].result(LIMIT_S)),
            "more": error(lambda: at.admin.create_partitions([NewPartitions(topic, 4)])[topic].result(LIMIT_S))}
    until("four partitions", lambda: len(at.admin.list_topics(topic, LIMIT_S).topics[topic].partitions) == 4)
    seen["fewer"] = error(lambda: at.admin.create_partitions([NewPartitions(topic, 3)])[topic].result(LIMIT_S))
    seen["delete"] = error(lambda: at.admin.delete_topics([topic])[topic].result(LIMIT_S))
    until("it is gone", lambda: topic not in at.admin.list_topics(timeout=LIMIT_S).topics)
    seen["deleteAgain"] = error(lambda: at.admin.delete_topics([topic])[topic].result(LIMIT_S))
    return seen


@check
def admin_configs(at):
    resource = ConfigResource(ConfigResource.Type.TOPIC, at.topic("t"))

    def described(name):
        return at.admin.describe_configs([resource])[resource].result(LIMIT_S)[name]

    seen = {"policy": described("cleanup.policy").value, "default": described("cleanup.policy").is_default}
    change = ConfigResource(ConfigResource.Type.TOPIC, at.name("t"), set_config={"cleanup.policy": "compact", "retention.ms": "99000"})
    seen["alter"] = error(lambda: at.admin.alter_configs([change])[change].result(LIMIT_S))
    until("the change is told", lambda: described("retention.ms").value == "99000")
    seen["after"] = [described("cleanup.policy").value, described("cleanup.policy").is_default, described("retention.ms").value]
    wrong = ConfigResource(ConfigResource.Type.TOPIC, at.name("t"), set_config={"retention.ms": "soon"})
    seen["wrong"] = error(lambda: at.admin.alter_configs([wrong])[wrong].result(LIMIT_S))
    return seen


@check
def admin_groups(at):
    topic, consumer = at.topic("t", 2), at.group(client_id="the-client")
    consumer.subscribe([topic])
    until("assigned", lambda: consumer.poll(0.05) is None and len(consumer.assignment()) == 2)
    group = at.admin.list_groups(at.name("g"), LIMIT_S)[0]
    listed = at.name("g") in [g.id for g in at.admin.list_groups(timeout=LIMIT_S)]
    seen = {"listed": listed, "state": group.state, "type": group.protocol_type, "protocol": group.protocol,
            "members": [[m.client_id, m.client_host, len(m.assignment) > 0] for m in group.members]}
    consumer.close()
    return seen
