import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Transactions of one record, one after the other, by the stock client: OneRecordTransactions.java BOOTSTRAP TOPIC COUNT; prints p50 and p99 in milliseconds. */
public class OneRecordTransactions {
    public static void main(String[] args) {
        int count = Integer.parseInt(args[2]);
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("transactional.id", args[1]);
        settings.put("linger.ms", "0");
        byte[] value = new byte[100];
        try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            // The first are for the compilers of both sides.
            for (int i = 0; i < count; i++) one(producer, args[1], value);
            long[] took = new long[count];
            for (int i = 0; i < count; i++) took[i] = one(producer, args[1], value);
            Arrays.sort(took);
            System.out.println(took[count / 2] / 1e6 + " " + took[(int) ((count - 1) * 0.99)] / 1e6);
        }
    }

    private static long one(KafkaProducer<byte[], byte[]> producer, String topic, byte[] value) {
        long began = System.nanoTime();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, value));
        producer.commitTransaction();
        return System.nanoTime() - began;
    }
}
