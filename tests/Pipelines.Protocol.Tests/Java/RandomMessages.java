import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Speaks for Kafka's own message classes. A line is a message: NAME VERSION HEX JSON.
 *   write SEED COUNT NAMES OUT   random messages: COUNT of every version of every name in the file NAMES
 *   read IN OUT                  each message of IN as Kafka reads it and writes it again
 */
public class RandomMessages {
    private final Random random;

    RandomMessages(long seed) {
        random = new Random(seed);
    }

    public static void main(String[] args) throws Exception {
        List<String> lines = new ArrayList<>();
        if (args[0].equals("write")) {
            RandomMessages source = new RandomMessages(Long.parseLong(args[1]));
            for (String name : Files.readAllLines(Path.of(args[3]))) {
                Class<?> type = messageClass(name);
                for (short version = type.getField("LOWEST_SUPPORTED_VERSION").getShort(null); version <= type.getField("HIGHEST_SUPPORTED_VERSION").getShort(null); version++) {
                    for (int i = Integer.parseInt(args[2]); i > 0; i--) {
                        ApiMessage message = (ApiMessage) type.getConstructor().newInstance();
                        source.fill(message, schema(type, version), 0);
                        lines.add(line(name, version, message));
                    }
                }
            }
            Files.write(Path.of(args[4]), lines);
        } else {
            for (String line : Files.readAllLines(Path.of(args[1]))) {
                String[] words = line.split(" ", 4);
                short version = Short.parseShort(words[1]);
                ApiMessage message = (ApiMessage) messageClass(words[0]).getConstructor().newInstance();
                ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(words[2]));
                try {
                    message.read(new ByteBufferAccessor(bytes), version);
                    lines.add(bytes.hasRemaining() ? words[0] + " " + version + " rest-" + bytes.remaining() + " null" : line(words[0], version, message));
                } catch (RuntimeException problem) {
                    lines.add(words[0] + " " + version + " refused \"" + problem.toString().replaceAll("[^ -~]|\"|\\\\", " ") + "\"");
                }
            }
            Files.write(Path.of(args[2]), lines);
        }
    }

    private static Class<?> messageClass(String name) throws Exception {
        boolean isApi = name.endsWith("Request") || name.endsWith("Response");
        return Class.forName("org.apache.kafka.common.message." + name + (isApi ? "Data" : ""));
    }

    private static Schema schema(Class<?> type, short version) throws Exception {
        return ((Schema[]) type.getField("SCHEMAS").get(null))[version];
    }

    private static String line(String name, short version, ApiMessage message) throws Exception {
        ByteBuffer bytes = MessageUtil.toByteBufferAccessor(message, version).buffer();
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        Class<?> converter = Class.forName(message.getClass().getName() + "JsonConverter");
        JsonNode json = (JsonNode) converter.getMethod("write", message.getClass(), short.class, boolean.class).invoke(null, message, version, false);
        return name + " " + version + " " + HexFormat.of().formatHex(array) + " " + json;
    }

    private void fill(Object target, Schema schema, int depth) throws Exception {
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (var field : tagged.fields().values())
                    if (random.nextInt(3) > 0) set(target, field.name, field.type, depth);
            } else {
                set(target, bound.def.name, bound.def.type, depth);
            }
        }
    }

    private void set(Object target, String name, org.apache.kafka.common.protocol.types.Type type, int depth) throws Exception {
        String wanted = name.replace("_", "");
        for (Field field : target.getClass().getDeclaredFields()) {
            if (java.lang.reflect.Modifier.isStatic(field.getModifiers()) || !field.getName().equalsIgnoreCase(wanted)) continue;
            field.setAccessible(true);
            field.set(target, value(field.getType(), field.getGenericType(), type, depth));
            return;
        }
        throw new IllegalStateException(target.getClass() + " has no field for " + name);
    }

    private Object value(Class<?> type, Type generic, org.apache.kafka.common.protocol.types.Type wire, int depth) throws Exception {
        if (type == boolean.class || type == Boolean.class) return random.nextBoolean();
        if (type == byte.class || type == Byte.class) return (byte) random.nextInt();
        if (type == short.class || type == Short.class) return (short) random.nextInt();
        if (type == int.class || type == Integer.class) return wire.toString().equals("UINT16") ? random.nextInt(65536) : random.nextInt();
        if (type == long.class || type == Long.class) return wire.toString().equals("UINT32") ? random.nextLong() & 0xFFFFFFFFL : random.nextLong();
        if (type == double.class || type == Double.class) return random.nextGaussian() * 1000;
        if (type == Uuid.class) return new Uuid(random.nextLong(), random.nextLong());
        if (wire.isNullable() && random.nextInt(4) == 0) return null;
        if (type == String.class) return text();
        if (type == byte[].class) return bytes();
        if (type == ByteBuffer.class) return ByteBuffer.wrap(bytes());
        if (BaseRecords.class.isAssignableFrom(type)) return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes()));
        if (Collection.class.isAssignableFrom(type)) {
            Type elementType = ((ParameterizedType) (generic instanceof ParameterizedType ? generic : type.getGenericSuperclass())).getActualTypeArguments()[0];
            @SuppressWarnings("unchecked")
            Collection<Object> items = type == List.class ? new ArrayList<>() : (Collection<Object>) type.getConstructor().newInstance();
            Class<?> elementClass = (Class<?>) elementType;
            for (int count = random.nextInt(depth > 2 ? 3 : 5); count > 0; count--) items.add(value(elementClass, elementType, wire.arrayElementType().get(), depth + 1));
            return items;
        }
        Object struct = type.getConstructor().newInstance();
        // A structure that may be null is wrapped; the wrapper is a schema as well.
        fill(struct, (Schema) wire, depth + 1);
        return struct;
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int count = random.nextInt(random.nextInt(20) == 0 ? 300 : 12); count > 0; count--) text.appendCodePoint("aZ0-._ \u00e9\u4e16\"\\".codePointAt(random.nextInt(11)));
        if (random.nextInt(10) == 0) text.appendCodePoint(0x1F600);
        return text.toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 400 : 16)];
        random.nextBytes(bytes);
        return bytes;
    }
}
