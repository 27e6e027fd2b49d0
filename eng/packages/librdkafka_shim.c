/*
 * librdkafka for a machine that has it only as a system package: Debian 12 has 2.0.2, and Confluent.Kafka 2.15 calls three functions that came later.
 * Everything else comes from the system's librdkafka.so.1, which this library is linked with. pack.sh builds and packs it.
 */
#include <stdint.h>

typedef struct rd_kafka_message_s rd_kafka_message_t;
typedef struct rd_kafka_topic_partition_s rd_kafka_topic_partition_t;

/* -1 is "not known" (KIP-320). */
int32_t rd_kafka_message_leader_epoch(const rd_kafka_message_t *message) { (void)message; return -1; }

int32_t rd_kafka_topic_partition_get_leader_epoch(const rd_kafka_topic_partition_t *partition) { (void)partition; return -1; }

void rd_kafka_topic_partition_set_leader_epoch(rd_kafka_topic_partition_t *partition, int32_t epoch) { (void)partition; (void)epoch; }
