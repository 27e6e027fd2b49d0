// kafkajs. Who asks, and how: ../asked.mjs.
import kafkajs from 'kafkajs'
import { asked, until } from '../asked.mjs'

const { Kafka, CompressionTypes, ConfigResourceTypes, logLevel } = kafkajs
const utf8 = value => value === null ? null : value.toString()
const error = async call => { try { await call(); return 'none' } catch (e) { return e.type ?? e.errors?.[0]?.type ?? e.cause?.type ?? e.name } }

class At {
  open = []
  constructor (bootstrap, id) {
    this.id = id
    this.kafka = new Kafka({ brokers: [bootstrap], clientId: 'the-client', logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50, retries: 20, maxRetryTime: 500 } })
  }

  name = part => `${this.id}-${part}`

  async track (client) {
    await client.connect()
    this.open.push(() => client.disconnect())
    return client
  }

  async admin () { return this.connected ??= await this.track(this.kafka.admin()) }
  producer = settings => this.track(this.kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner, ...settings }))
  transactional = () => this.producer({ transactionalId: this.name('x'), maxInFlightRequests: 1, idempotent: true })

  async topic (part, numPartitions = 1, config = {}) {
    const topic = this.name(part)
    const admin = await this.admin()
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, configEntries: Object.entries(config).map(([name, value]) => ({ name, value })) }] })
    // Apache Kafka tells of a topic before its partitions take records.
    await until('the topic is there', () => admin.fetchTopicOffsets(topic).then(() => true, () => false))
    return topic
  }

  // A member that notes what it owns and what it reads.
  async member (topic, settings = {}, each = async () => {}) {
    const consumer = await this.track(this.kafka.consumer({ groupId: this.name('g'), sessionTimeout: 6000, heartbeatInterval: 200, rebalanceTimeout: 6000, maxWaitTimeInMs: 200, ...settings }))
    const member = { consumer, owned: [], seen: [] }
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { member.owned = payload.memberAssignment[topic] ?? [] })
    consumer.on(consumer.events.REBALANCING, () => { member.owned = [] })
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async given => { member.seen.push(given); await each(given) }
    })
    return member
  }

  // All that a new reader of this isolation sees.
  async all (topic, readUncommitted = true) {
    const ends = await (await this.admin()).fetchTopicOffsets(topic)
    const member = await this.member(topic, { groupId: this.name(`reader-${Math.random()}`), readUncommitted })
    await until('a marker behind the last record', () => readUncommitted
      ? member.seen.length >= ends.reduce((sum, end) => sum + Number(end.high) - Number(end.low), 0)
      : member.seen.some(m => utf8(m.message.value) === 'last'))
    await member.consumer.disconnect()
    return member.seen.map(m => m.message)
  }

  async values (topic, readUncommitted) { return (await this.all(topic, readUncommitted)).map(m => utf8(m.value)) }
}

asked({
  async roundtrip (at) {
    const topic = await at.topic('t'), producer = await at.producer(), now = Date.now() - 60000
    await producer.send({ topic, messages: [
      { key: 'key', value: 'value', timestamp: `${now}`, headers: { h: Buffer.from([1, 2]), naïve: '' } },
      { value: 'no key', timestamp: `${now + 1}` }, { key: 'gone', value: null, timestamp: `${now + 2}` }, { key: '', value: '', timestamp: `${now - 5}` }] })
    return (await at.all(topic)).map(m => ({ offset: m.offset, key: utf8(m.key), value: utf8(m.value), time: Number(m.timestamp) - now, headers: Object.entries(m.headers).map(([k, v]) => [k, [...v]]) }))
  },

  async 'auto-create' (at) {
    const told = await (await at.producer()).send({ topic: at.name('made'), messages: [{ value: 'v' }] })
    return { partition: told[0].partition, offset: told[0].baseOffset }
  },

  async codecs (at) {
    const seen = {}
    for (const [name, compression] of [['none', CompressionTypes.None], ['gzip', CompressionTypes.GZIP]]) {
      const topic = await at.topic(name), wanted = Array.from({ length: 300 }, (_, i) => `a value that repeats itself ${i}`)
      await (await at.producer()).send({ topic, compression, messages: wanted.map(value => ({ value })) })
      seen[name] = JSON.stringify(await at.values(topic)) === JSON.stringify(wanted)
    }
    return seen
  },

  async 'big-records' (at) {
    const topic = await at.topic('t'), producer = await at.producer()
    await producer.send({ topic, messages: [{ value: 'x'.repeat(921600) }] })
    return { refused: await error(() => producer.send({ topic, messages: [{ value: 'x'.repeat(2000000) }] })), read: (await at.all(topic)).map(m => m.value.length) }
  },

  async acks (at) {
    const topic = await at.topic('t'), producer = await at.producer(), seen = []
    for (const acks of [1, -1, 0]) seen.push((await producer.send({ topic, acks, messages: [{ value: `${acks}` }] }))?.[0]?.baseOffset ?? null)
    await until('the record without acknowledgement', async () => (await (await at.admin()).fetchTopicOffsets(topic))[0].high === '3')
    return seen
  },

  async idempotent (at) {
    const topic = await at.topic('t'), producer = await at.producer({ idempotent: true, maxInFlightRequests: 1 })
    for (let i = 0; i < 50; i++) await producer.send({ topic, messages: [{ value: `${i}` }] })
    const values = await at.values(topic)
    return { inOrder: values.length === 50 && values.every((v, i) => v === `${i}`) }
  },

  async offsets (at) {
    const topic = await at.topic('t'), producer = await at.producer(), admin = await at.admin(), now = Date.now() - 100000
    for (const t of [1000, 3000, 2000, 5000, 4000]) await producer.send({ topic, messages: [{ value: 'v', timestamp: `${now + t}` }] })
    const times = {}
    for (const t of [0, 1001, 3500, 5001]) times[t] = (await admin.fetchTopicOffsetsByTimestamp(topic, now + t))[0].offset
    const [{ low, high }] = await admin.fetchTopicOffsets(topic)
    return { low, high, times }
  },

  async 'group-offsets' (at) {
    const topic = await at.topic('t'), producer = await at.producer(), admin = await at.admin()
    await producer.send({ topic, messages: Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })) })
    const first = await at.member(topic)
    await until('ten records', () => first.seen.length >= 10)
    await first.consumer.commitOffsets([{ topic, partition: 0, offset: '7', metadata: 'a note' }])
    await first.consumer.disconnect()
    const second = await at.member(topic)
    await until('the rest', () => second.seen.length >= 3)
    const committed = (await admin.fetchOffsets({ groupId: at.name('g'), topics: [topic] }))[0].partitions[0]
    return { committed: committed.offset, note: committed.metadata, after: second.seen.map(m => utf8(m.message.value)) }
  },

  async 'group-members' (at) {
    const topic = await at.topic('t', 6), members = [], seen = []
    const share = async (...counts) => {
      await until(`shares ${counts}`, () => JSON.stringify(members.map(m => m.owned.length)) === JSON.stringify(counts))
      seen.push(counts)
    }
    for (const counts of [[6], [3, 3], [2, 2, 2]]) {
      members.push(await at.member(topic))
      await share(...counts)
    }
    await members.shift().consumer.disconnect()
    await share(3, 3)
    return seen
  },

  async transactions (at) {
    const topic = await at.topic('t'), producer = await at.transactional()
    for (const [values, commit] of [[['a', 'b'], true], [['aborted 1', 'aborted 2'], false], [['c'], true], [['last'], true]]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: values.map(value => ({ value })) })
      await (commit ? transaction.commit() : transaction.abort())
    }
    return { committed: await at.values(topic, false) }
  },

  async 'transaction-copy' (at) {
    const input = await at.topic('in'), output = await at.topic('out'), producer = await at.producer(), transactional = await at.transactional()
    await producer.send({ topic: input, messages: Array.from({ length: 20 }, (_, i) => ({ value: `${i}` })) })
    let attempts = 0, done = 0
    await at.member(input, {}, async ({ message, topic, partition }) => {
      for (let ended = false; !ended;) {
        const transaction = await transactional.transaction()
        await transaction.send({ topic: output, messages: [{ value: `${message.value}!` }] })
        await transaction.sendOffsets({ consumerGroupId: at.name('g'), topics: [{ topic, partitions: [{ partition, offset: `${Number(message.offset) + 1}` }] }] })
        ended = ++attempts % 4 !== 0
        await (ended ? transaction.commit() : transaction.abort())
      }
      done++
    })
    await until('all is copied', () => done >= 20)
    await producer.send({ topic: output, messages: [{ value: 'last' }] })
    const committed = (await (await at.admin()).fetchOffsets({ groupId: at.name('g'), topics: [input] }))[0].partitions[0].offset
    return { values: (await at.values(output, false)).join(' '), committed }
  },

  async 'admin-topics' (at) {
    const topic = await at.topic('t', 2), admin = await at.admin(), seen = {}
    seen.again = await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    seen.replicas3 = await error(() => admin.createTopics({ topics: [{ topic: at.name('r'), numPartitions: 1, replicationFactor: 3 }] }))
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
    await until('the new partitions answer', () => admin.fetchTopicOffsets(topic).then(offsets => offsets.length === 4, () => false))
    seen.partitions = (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length
    await (await at.producer()).send({ topic, messages: Array.from({ length: 8 }, () => ({ value: 'v', partition: 0 })) })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] })
    seen.low = (await admin.fetchTopicOffsets(topic)).find(p => p.partition === 0).low
    seen.listed = (await admin.listTopics()).includes(topic)
    await admin.deleteTopics({ topics: [topic] })
    await until('it is gone', async () => !(await admin.listTopics()).includes(topic))
    const cluster = await admin.describeCluster()
    return { ...seen, brokers: cluster.brokers.length, controller: cluster.controller !== null, clusterId: cluster.clusterId.length > 0 }
  },

  async 'admin-configs' (at) {
    const name = await at.topic('t', 1, { 'retention.ms': '55000' }), admin = await at.admin(), type = ConfigResourceTypes.TOPIC
    const described = async () => (await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name, configNames: ['retention.ms'] }] })).resources[0].configEntries
      .map(e => [e.configName, e.configValue, e.isDefault])
    const before = await described()
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries: [{ name: 'retention.ms', value: '66000' }] }] })
    await until('the change is told', async () => (await described())[0][1] === '66000')
    return { before, after: await described() }
  },

  async 'admin-groups' (at) {
    const topic = await at.topic('t', 2), admin = await at.admin(), groupId = at.name('g')
    const member = await at.member(topic)
    await until('assigned', () => member.owned.length === 2)
    const { groups: [group] } = await admin.describeGroups([groupId])
    const seen = { state: group.state, type: group.protocolType, protocol: group.protocol, members: group.members.map(m => m.clientId), listed: (await admin.listGroups()).groups.some(g => g.groupId === groupId) }
    seen.deleteWhileUsed = (await error(() => admin.deleteGroups([groupId])))
    await member.consumer.disconnect()
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '4' }] })
    seen.set = (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions.map(p => [p.partition, p.offset]).sort()
    await admin.deleteGroups([groupId])
    seen.left = (await admin.listGroups()).groups.some(g => g.groupId === groupId)
    return seen
  }
}, (bootstrap, id) => new At(bootstrap, id))
