import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Admin calls about groups. */
final class GroupCalls {
    static void addTo(Map<String, Main.Check> checks) {
        checks.put("groups-describe", GroupCalls::describe);
        checks.put("groups-offsets", GroupCalls::offsets);
        checks.put("groups-delete", GroupCalls::delete);
        checks.put("groups-remove-member", GroupCalls::removeMember);
    }

    private static Object describe(At at) throws Exception {
        String topic = at.topic("t", 2), group = at.name("g");
        Member member = at.track(new Member(at, topic, Groups.settings(at, "client.id=the-client", "group.instance.id=fixed")));
        At.until("assigned", () -> member.has(2));
        var described = at.admin().describeConsumerGroups(List.of(group)).all().get().get(group);
        var of = described.members().iterator().next();
        var facts = At.facts("state", described.groupState().toString(), "assignor", described.partitionAssignor(), "type", described.type().toString(), "members", described.members().size(),
            "client", of.clientId(), "instance", of.groupInstanceId().orElse(null), "host", of.host(), "memberId", of.consumerId().startsWith("fixed-"),
            "partitions", of.assignment().topicPartitions().stream().map(TopicPartition::partition).sorted().toList(), "coordinator", described.coordinator() != null);
        facts.put("listed", at.admin().listGroups().all().get().stream().filter(g -> g.groupId().equals(group))
            .map(g -> g.groupState().map(Object::toString).orElse("?") + " " + g.protocol() + " " + g.type().map(Object::toString).orElse("?")).toList());
        facts.put("listedStable", at.admin().listGroups(new ListGroupsOptions().inGroupStates(Set.of(GroupState.STABLE))).all().get().stream().anyMatch(g -> g.groupId().equals(group)));
        facts.put("listedEmpty", at.admin().listGroups(new ListGroupsOptions().inGroupStates(Set.of(GroupState.EMPTY))).all().get().stream().anyMatch(g -> g.groupId().equals(group)));
        member.leave();
        At.until("empty", () -> { try { return at.admin().describeConsumerGroups(List.of(group)).all().get().get(group).groupState() == GroupState.EMPTY; } catch (Exception e) { throw new AssertionError(e); } });
        facts.put("unknown", At.error(() -> at.admin().describeConsumerGroups(List.of(at.name("none"))).all().get()));
        return facts;
    }

    private static Object offsets(At at) throws Exception {
        String topic = at.topic("t", 2), group = at.name("g");
        TopicPartition zero = new TopicPartition(topic, 0), one = new TopicPartition(topic, 1);
        String set = At.error(() -> at.admin().alterConsumerGroupOffsets(group, Map.of(zero, new OffsetAndMetadata(3, "n"), one, new OffsetAndMetadata(4))).all().get());
        var facts = At.facts("set", set, "listed", text(at, group));
        Groups.fill(at, topic, 2, 0, 20);
        Member member = at.track(new Member(at, topic, Groups.settings(at)));
        At.until("the rest is read", () -> member.has(2) && member.seen.size() == 13);
        facts.put("setWhileUsed", At.error(() -> at.admin().alterConsumerGroupOffsets(group, Map.of(zero, new OffsetAndMetadata(1))).all().get()));
        facts.put("deleteWhileUsed", At.error(() -> at.admin().deleteConsumerGroupOffsets(group, Set.of(zero)).partitionResult(zero).get()));
        member.leave();
        facts.put("delete", At.error(() -> at.admin().deleteConsumerGroupOffsets(group, Set.of(zero)).partitionResult(zero).get()));
        facts.put("left", text(at, group));
        facts.put("unknownGroup", At.error(() -> at.admin().deleteConsumerGroupOffsets(at.name("none"), Set.of(zero)).all().get()));
        facts.put("ofUnknownGroup", text(at, at.name("none")));
        return facts;
    }

    private static List<String> text(At at, String group) throws Exception {
        return at.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
            .map(e -> e.getKey().partition() + ":" + e.getValue().offset() + ":" + e.getValue().metadata()).sorted().toList();
    }

    private static Object delete(At at) throws Exception {
        String topic = at.topic("t", 1), group = at.name("g");
        Member member = at.track(new Member(at, topic, Groups.settings(at)));
        At.until("assigned", () -> member.has(1));
        String whileUsed = At.error(() -> at.admin().deleteConsumerGroups(List.of(group)).all().get());
        member.leave();
        return At.facts("whileUsed", whileUsed, "delete", At.error(() -> at.admin().deleteConsumerGroups(List.of(group)).all().get()),
            "again", At.error(() -> at.admin().deleteConsumerGroups(List.of(group)).all().get()),
            "listed", at.admin().listGroups().all().get().stream().anyMatch(g -> g.groupId().equals(group)));
    }

    private static Object removeMember(At at) throws Exception {
        String topic = at.topic("t", 2), group = at.name("g");
        Member a = at.track(new Member(at, topic, Groups.settings(at, "group.instance.id=a", "session.timeout.ms=30000")));
        Member b = at.track(new Member(at, topic, Groups.settings(at, "group.instance.id=b", "session.timeout.ms=30000")));
        At.until("two share", () -> a.has(1) && b.has(1));
        b.close();
        String remove = At.error(() -> at.admin().removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("b")))).all().get());
        At.until("the other takes over", () -> a.has(2));
        return At.facts("remove", remove, "unknown",
            At.error(() -> at.admin().removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("c")))).all().get()));
    }
}
