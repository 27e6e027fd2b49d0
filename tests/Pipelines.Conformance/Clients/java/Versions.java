import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Crc32C;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Requests written by hand over Kafka's generated classes: what no client sends on its own. */
final class Versions {
    /** Ranges in which clients look for these very versions before they use a feature (librdkafka up to 2.8 does). */
    private static final Map<ApiKeys, short[]> LOOKED_FOR = Map.ofEntries(
        Map.entry(ApiKeys.PRODUCE, new short[] {0, 2, 3, 7}), Map.entry(ApiKeys.FETCH, new short[] {4, 10}), Map.entry(ApiKeys.LIST_OFFSETS, new short[] {1}),
        Map.entry(ApiKeys.METADATA, new short[] {0, 1}), Map.entry(ApiKeys.OFFSET_COMMIT, new short[] {2}), Map.entry(ApiKeys.OFFSET_FETCH, new short[] {1}),
        Map.entry(ApiKeys.FIND_COORDINATOR, new short[] {0}), Map.entry(ApiKeys.JOIN_GROUP, new short[] {0, 2}), Map.entry(ApiKeys.SYNC_GROUP, new short[] {0}),
        Map.entry(ApiKeys.HEARTBEAT, new short[] {0}), Map.entry(ApiKeys.LEAVE_GROUP, new short[] {0}), Map.entry(ApiKeys.API_VERSIONS, new short[] {0, 3}),
        Map.entry(ApiKeys.INIT_PRODUCER_ID, new short[] {0}), Map.entry(ApiKeys.ADD_PARTITIONS_TO_TXN, new short[] {0}), Map.entry(ApiKeys.SASL_HANDSHAKE, new short[] {0, 1}));

    /** Calls between brokers, and those whose empty request says nothing. */
    private static final Set<ApiKeys> LEFT_OUT = Set.of(ApiKeys.WRITE_TXN_MARKERS, ApiKeys.SASL_HANDSHAKE, ApiKeys.SASL_AUTHENTICATE, ApiKeys.PRODUCE);

    static void addTo(Map<String, Main.Check> checks) {
        checks.put("every-version", Versions::everyVersion);
        checks.put("unknown-version", Versions::unknownVersion);
        checks.put("broken-frames", Versions::brokenFrames);
        checks.put("packed-batches", Versions::packedBatches);
    }

    /** A connection that sends one request at a time. */
    private static final class Wire implements AutoCloseable {
        final Socket socket;
        final DataInputStream in;
        final DataOutputStream out;

        Wire(At at) throws IOException {
            String[] address = at.bootstrap.split(":");
            socket = new Socket(address[0], Integer.parseInt(address[1]));
            socket.setSoTimeout(20_000);
            in = new DataInputStream(socket.getInputStream());
            out = new DataOutputStream(socket.getOutputStream());
        }

        ByteBuffer ask(short key, short version, short headerVersion, ApiMessage body, short bodyVersion) throws IOException {
            ObjectSerializationCache cache = new ObjectSerializationCache();
            RequestHeaderData header = new RequestHeaderData().setRequestApiKey(key).setRequestApiVersion(version).setCorrelationId(7).setClientId("by-hand");
            ByteBufferAccessor writer = new ByteBufferAccessor(ByteBuffer.allocate(header.size(cache, headerVersion) + body.size(cache, bodyVersion)));
            header.write(writer, cache, headerVersion);
            body.write(writer, cache, bodyVersion);
            out.writeInt(writer.buffer().position());
            out.write(writer.buffer().array(), 0, writer.buffer().position());
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            return ByteBuffer.wrap(answer);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static ApiVersionsResponseData advertised(At at) throws IOException {
        try (Wire wire = new Wire(at)) {
            ByteBufferAccessor answer = new ByteBufferAccessor(wire.ask((short) 18, (short) 0, (short) 1, ApiKeys.API_VERSIONS.messageType.newRequest(), (short) 0));
            new ResponseHeaderData(answer, (short) 0);
            return new ApiVersionsResponseData(answer, (short) 0);
        }
    }

    /** Each version that the broker advertises answers a request of that version with a response of that version, to the last byte. */
    private static Object everyVersion(At at) throws Exception {
        var ranges = advertised(at).apiKeys();
        List<String> wrong = new ArrayList<>(), missing = new ArrayList<>();
        int asked = 0;
        for (var range : ranges) {
            if (!ApiKeys.hasId(range.apiKey())) continue;
            ApiKeys api = ApiKeys.forId(range.apiKey());
            if (LEFT_OUT.contains(api)) continue;
            for (short version = (short) Math.max(range.minVersion(), api.oldestVersion()); version <= Math.min(range.maxVersion(), api.latestVersion()); version++) {
                // The versions with which brokers batch; Apache Kafka does not answer an empty batch at all.
                if (api == ApiKeys.ADD_PARTITIONS_TO_TXN && version > 3) continue;
                asked++;
                String problem = ask(at, api, version);
                if (problem != null) wrong.add(api.name + " " + version + ": " + problem);
            }
        }
        for (var entry : LOOKED_FOR.entrySet()) {
            var range = ranges.find(entry.getKey().id);
            for (short version : entry.getValue())
                if (range == null || version < range.minVersion() || version > range.maxVersion()) missing.add(entry.getKey().name + " " + version);
        }
        return At.facts("enough", asked > 60, "wrong", wrong, "missing", missing.stream().sorted().toList());
    }

    private static ApiMessage request(ApiKeys api) {
        ApiMessage request = api.messageType.newRequest();
        // A default request says that it comes from broker 0: clients say -1.
        if (request instanceof FetchRequestData fetch) fetch.setReplicaId(-1).setMaxWaitMs(1).setReplicaState(new FetchRequestData.ReplicaState().setReplicaId(-1));
        if (request instanceof ListOffsetsRequestData offsets) offsets.setReplicaId(-1);
        if (request instanceof OffsetForLeaderEpochRequestData epochs) epochs.setReplicaId(-1);
        if (request instanceof DescribeAclsRequestData acls) acls.setResourceTypeFilter((byte) 1).setPatternTypeFilter((byte) 1).setOperation((byte) 1).setPermissionType((byte) 1);
        return request;
    }

    private static String ask(At at, ApiKeys api, short version) {
        try (Wire wire = new Wire(at)) {
            ByteBufferAccessor answer = new ByteBufferAccessor(wire.ask(api.id, version, api.requestHeaderVersion(version), request(api), version));
            if (new ResponseHeaderData(answer, api.responseHeaderVersion(version)).correlationId() != 7) return "another correlation id";
            ApiMessage response = api.messageType.newResponse();
            response.read(answer, version);
            return answer.remaining() == 0 ? null : answer.remaining() + " bytes too many";
        } catch (EOFException closed) {
            return "closed";
        } catch (Exception error) {
            return error.toString();
        }
    }

    /** KIP-511: an unknown version of ApiVersions is answered in version 0, with the error and the range. */
    private static Object unknownVersion(At at) throws Exception {
        ApiVersionsRequestData request = new ApiVersionsRequestData().setClientSoftwareName("by-hand").setClientSoftwareVersion("1");
        try (Wire wire = new Wire(at)) {
            ByteBufferAccessor answer = new ByteBufferAccessor(wire.ask((short) 18, (short) 99, (short) 2, request, (short) 3));
            new ResponseHeaderData(answer, (short) 0);
            ApiVersionsResponseData response = new ApiVersionsResponseData(answer, (short) 0);
            var range = response.apiKeys().find((short) 18);
            // The connection goes on after it.
            ByteBufferAccessor again = new ByteBufferAccessor(wire.ask((short) 18, (short) 3, (short) 2, request, (short) 3));
            new ResponseHeaderData(again, (short) 0);
            return At.facts("error", Errors.forCode(response.errorCode()).name(), "range", range != null && range.minVersion() == 0 && range.maxVersion() >= 3, "left", answer.remaining(),
                "after", Errors.forCode(new ApiVersionsResponseData(again, (short) 3).errorCode()).name());
        }
    }

    /** Batches that say to be compressed in a way that does not exist, or that their codec did not make. */
    private static Object packedBatches(At at) throws Exception {
        String plain = at.topic("plain", 1), compacted = at.topic("compacted", 1, "cleanup.policy=compact");
        return At.facts("unknownCodec", produce(at, plain, packed(5)), "unknownCodecCompacted", produce(at, compacted, packed(7)), "damaged", produce(at, plain, packed(1)),
            "damagedCompacted", produce(at, compacted, packed(1)), "sound", produce(at, plain, packed(0)));
    }

    /** A batch of which the header names a codec, and the records are as none made them. */
    private static ByteBuffer packed(int codec) {
        final int checksum = 17, attributes = 21;
        ByteBuffer batch = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord("key".getBytes(), "value".getBytes())).buffer();
        batch.putShort(attributes, (short) codec);
        batch.putInt(checksum, (int) Crc32C.compute(batch, attributes - batch.position(), batch.limit() - attributes));
        return batch;
    }

    private static String produce(At at, String topic, ByteBuffer batch) throws IOException {
        final short version = 9;
        ProduceRequestData request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
        request.topicData().add(new ProduceRequestData.TopicProduceData().setName(topic)
            .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData().setIndex(0).setRecords(MemoryRecords.readableRecords(batch)))));
        try (Wire wire = new Wire(at)) {
            ByteBufferAccessor answer = new ByteBufferAccessor(wire.ask(ApiKeys.PRODUCE.id, version, ApiKeys.PRODUCE.requestHeaderVersion(version), request, version));
            new ResponseHeaderData(answer, ApiKeys.PRODUCE.responseHeaderVersion(version));
            return Errors.forCode(new ProduceResponseData(answer, version).responses().iterator().next().partitionResponses().get(0).errorCode()).name();
        }
    }

    /** What cannot be a request closes its connection, and no other. */
    private static Object brokenFrames(At at) throws Exception {
        Map<String, byte[]> frames = new TreeMap<>();
        frames.put("hugeLength", new byte[] {0x7f, -1, -1, -1, 0, 0});
        frames.put("negativeLength", new byte[] {-1, -1, -1, -1, 0, 0});
        frames.put("unknownKey", new byte[] {0, 0, 0, 10, 0x7f, 0, 0, 0, 0, 0, 0, 1, -1, -1});
        frames.put("unknownVersion", new byte[] {0, 0, 0, 10, 0, 3, 0x7f, 0, 0, 0, 0, 1, -1, -1});
        frames.put("cutBody", new byte[] {0, 0, 0, 12, 0, 3, 0, 1, 0, 0, 0, 1, -1, -1, 0, 0});
        frames.put("hugeArray", new byte[] {0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, -1, -1, 0x7f, -1, -1, -1});
        Map<String, Object> facts = new TreeMap<>();
        try (Wire other = new Wire(at)) {
            for (var frame : frames.entrySet()) {
                try (Wire wire = new Wire(at)) {
                    wire.out.write(frame.getValue());
                    facts.put(frame.getKey(), wire.in.read() < 0 ? "closed" : "answered");
                } catch (IOException reset) {
                    facts.put(frame.getKey(), reset instanceof java.net.SocketTimeoutException ? "open" : "closed");
                }
            }
            facts.put("others", other.ask((short) 18, (short) 0, (short) 1, ApiKeys.API_VERSIONS.messageType.newRequest(), (short) 0).remaining() > 0);
        }
        return facts;
    }
}
