import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

import java.util.List;
import java.util.Map;

/** Describe and change settings. */
final class Configs {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("configs-topic", Configs::topic);
        checks.put("configs-broker", Configs::broker);
        checks.put("configs-group", Configs::group);
    }

    /** What the change ends with. One that took place is waited for: where settings are kept apart from who tells them, that may take a moment. */
    private static String change(At at, ConfigResource resource, boolean validateOnly, AlterConfigOp... changes) {
        String before = all(at, resource);
        String error = At.error(() -> at.admin().incrementalAlterConfigs(Map.of(resource, List.of(changes)), new AlterConfigsOptions().validateOnly(validateOnly)).all().get());
        if (error.equals("none") && !validateOnly) At.until("the change is told", () -> !all(at, resource).equals(before));
        return error;
    }

    private static String all(At at, ConfigResource resource) {
        try {
            return at.admin().describeConfigs(List.of(resource)).all().get().get(resource).toString();
        } catch (Exception none) {
            return "";
        }
    }

    private static AlterConfigOp op(String name, String value, OpType type) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }

    private static String entry(At at, ConfigResource resource, String name) throws Exception {
        ConfigEntry entry = at.admin().describeConfigs(List.of(resource)).all().get().get(resource).get(name);
        return entry == null ? "absent" : entry.value() + " " + entry.source();
    }

    private static Object topic(At at) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, at.topic("t", 1, "retention.bytes=1000000"));
        var facts = At.facts("policy", entry(at, topic, "cleanup.policy"), "given", entry(at, topic, "retention.bytes"), "segment", entry(at, topic, "segment.bytes"),
            "maxMessage", entry(at, topic, "max.message.bytes"), "timestampType", entry(at, topic, "message.timestamp.type"), "compression", entry(at, topic, "compression.type"));
        facts.put("change", change(at, topic, false, op("retention.ms", "123000", OpType.SET), op("cleanup.policy", "compact", OpType.APPEND)));
        facts.put("retention", entry(at, topic, "retention.ms"));
        facts.put("appended", entry(at, topic, "cleanup.policy"));
        facts.put("subtract", change(at, topic, false, op("cleanup.policy", "delete", OpType.SUBTRACT)));
        facts.put("subtracted", entry(at, topic, "cleanup.policy"));
        facts.put("delete", change(at, topic, false, op("cleanup.policy", "", OpType.DELETE), op("retention.bytes", "", OpType.DELETE)));
        facts.put("policyAgain", entry(at, topic, "cleanup.policy"));
        facts.put("bytesAgain", entry(at, topic, "retention.bytes"));
        facts.put("validateOnly", change(at, topic, true, op("retention.ms", "5", OpType.SET)));
        facts.put("unchanged", entry(at, topic, "retention.ms"));
        facts.put("badValue", change(at, topic, false, op("retention.ms", "soon", OpType.SET)));
        facts.put("badPolicy", change(at, topic, false, op("cleanup.policy", "keep", OpType.SET)));
        facts.put("unknownSetting", change(at, topic, false, op("no.such.setting", "1", OpType.SET)));
        facts.put("appendToNumber", change(at, topic, false, op("retention.ms", "1", OpType.APPEND)));
        ConfigResource none = new ConfigResource(ConfigResource.Type.TOPIC, at.name("none"));
        facts.put("unknownTopic", change(at, none, false, op("retention.ms", "1", OpType.SET)));
        facts.put("describeUnknown", At.error(() -> at.admin().describeConfigs(List.of(none)).all().get()));
        return facts;
    }

    /** A group need not be there to have settings. */
    private static Object group(At at) throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, at.name("g"));
        String session = "consumer.session.timeout.ms";
        var facts = At.facts("before", entry(at, group, session), "standbys", entry(at, group, "streams.num.standby.replicas"), "reset", entry(at, group, "share.auto.offset.reset"));
        facts.put("change", change(at, group, false, op(session, "50000", OpType.SET)));
        facts.put("after", entry(at, group, session));
        facts.put("validateOnly", change(at, group, true, op(session, "51000", OpType.SET)));
        facts.put("badValue", change(at, group, false, op(session, "long", OpType.SET)));
        facts.put("tooSmall", change(at, group, false, op(session, "0", OpType.SET)));
        facts.put("unknownSetting", change(at, group, false, op("no.such.setting", "1", OpType.SET)));
        facts.put("unchanged", entry(at, group, session));
        facts.put("delete", change(at, group, false, op(session, "", OpType.DELETE)));
        facts.put("again", entry(at, group, session));
        return facts;
    }

    private static Object broker(At at) throws Exception {
        int node = at.admin().describeCluster().nodes().get().iterator().next().id();
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "" + node);
        var config = at.admin().describeConfigs(List.of(broker)).all().get().get(broker);
        return At.facts("autoCreate", config.get("auto.create.topics.enable").value(), "partitions", config.get("num.partitions").value(),
            "maxMessage", config.get("message.max.bytes") != null);
    }
}
