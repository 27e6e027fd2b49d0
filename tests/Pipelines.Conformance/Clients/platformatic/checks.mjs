// @platformatic/kafka. Who asks, and how: ../asked.mjs.
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { asked, until } from '../asked.mjs'

const READ_UNCOMMITTED = 0, READ_COMMITTED = 1, LATEST = -1n, EARLIEST = -2n
const codes = e => [e.apiId, ...(e.errors ?? []).flatMap(codes), ...(e.cause ? codes(e.cause) : [])].filter(Boolean)
const error = async call => { try { await call(); return 'none' } catch (e) { return codes(e)[0] ?? e.message } }

class At {
  open = []
  constructor (bootstrap, id) {
    this.id = id
    this.common = { bootstrapBrokers: [bootstrap], clientId: 'the-client', retries: 20, retryDelay: 100 }
    this.admin = this.track(new Admin(this.common))
  }

  name = part => `${this.id}-${part}`

  track (client) {
    this.open.push(() => client instanceof Admin ? client.close() : client.close(true))
    return client
  }

  producer = settings => this.track(new Producer({ ...this.common, serializers: stringSerializers, ...settings }))
  consumer = settings => this.track(new Consumer({ ...this.common, groupId: this.name('g'), deserializers: stringDeserializers, sessionTimeout: 6000, heartbeatInterval: 200, rebalanceTimeout: 6000, maxWaitTime: 200, ...settings }))

  async topic (part, partitions = 1, configs = []) {
    await this.admin.createTopics({ topics: [this.name(part)], partitions, replicas: 1, configs })
    // Apache Kafka tells of a topic before its partitions take records.
    await until('the topic is there', () => this.end(this.name(part)).then(() => true, () => false))
    return this.name(part)
  }

  async member (topic, settings = {}, options = {}) {
    const consumer = this.consumer(settings), seen = []
    const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: false, ...options })
    stream.on('data', message => seen.push(message))
    stream.on('error', () => {})
    const member = { consumer, seen, stream, owned: () => consumer.assignments?.find(a => a.topic === topic)?.partitions.length ?? 0 }
    member.close = () => stream.close().then(() => consumer.close(true))
    return member
  }

  async end (topic, isolationLevel = READ_UNCOMMITTED, timestamp = LATEST) {
    return (await this.admin.listOffsets({ topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }], isolationLevel }))[0].partitions[0].offset
  }

  // All records of the first partition before its end, as a new reader of this isolation sees them; the last of them must be visible.
  async all (topic, last, isolationLevel = READ_UNCOMMITTED) {
    const member = await this.member(topic, { groupId: this.name(`reader-${Math.random()}`) }, { mode: 'earliest', isolationLevel })
    await until(`a record '${last}'`, () => member.seen.some(m => m.value === last))
    await member.close()
    return member.seen
  }
}

asked({
  async roundtrip (at) {
    const topic = await at.topic('t'), now = BigInt(Date.now() - 60000)
    const sent = await at.producer().send({ messages: [
      { topic, key: 'key', value: 'value', timestamp: now, headers: { h: 'one', naïve: '' } }, { topic, value: 'no key', timestamp: now + 1n },
      { topic, key: 'gone', timestamp: now + 2n }, { topic, key: '', value: '', timestamp: now - 5n }, { topic, key: 'k', value: 'last', timestamp: now }] })
    return { offset: sent.offsets[0].offset, records: (await at.all(topic, 'last')).map(m => [m.offset, m.key ?? null, m.value ?? null, m.timestamp - now, [...m.headers]]) }
  },

  async codecs (at) {
    const seen = {}
    for (const compression of ['none', 'gzip', 'snappy', 'lz4']) {
      const topic = await at.topic(compression), wanted = Array.from({ length: 300 }, (_, i) => `a value that repeats itself ${i}`)
      await at.producer({ compression }).send({ messages: wanted.map(value => ({ topic, value })) })
      seen[compression] = JSON.stringify((await at.all(topic, wanted.at(-1))).map(m => m.value)) === JSON.stringify(wanted)
    }
    return seen
  },

  async 'big-records' (at) {
    const topic = await at.topic('t'), producer = at.producer()
    const refused = await error(() => producer.send({ messages: [{ topic, value: 'x'.repeat(2000000) }] }))
    await producer.send({ messages: [{ topic, value: 'x'.repeat(921600) }] })
    return { refused, read: (await at.all(topic, 'x'.repeat(921600))).map(m => m.value.length) }
  },

  async acks (at) {
    const topic = await at.topic('t'), offsets = []
    for (const acks of [1, -1, 0]) offsets.push((await at.producer({ acks }).send({ messages: [{ topic, value: `${acks}` }] })).offsets?.[0]?.offset ?? null)
    await until('the record without acknowledgement', async () => await at.end(topic) === 3n)
    return offsets
  },

  async idempotent (at) {
    const topic = await at.topic('t'), producer = at.producer({ idempotent: true })
    for (let i = 0; i < 50; i++) await producer.send({ messages: [{ topic, value: `${i}` }] })
    return { inOrder: (await at.all(topic, '49')).every((m, i) => m.value === `${i}` && Number(m.offset) === i) }
  },

  async offsets (at) {
    const topic = await at.topic('t'), producer = at.producer(), now = BigInt(Date.now() - 100000)
    for (const t of [1000n, 3000n, 2000n, 5000n, 4000n]) await producer.send({ messages: [{ topic, value: 'v', timestamp: now + t }] })
    const times = {}
    for (const t of [0n, 1001n, 3500n, 5001n]) times[t] = await at.end(topic, READ_UNCOMMITTED, now + t)
    return { earliest: await at.end(topic, READ_UNCOMMITTED, EARLIEST), latest: await at.end(topic), times }
  },

  async 'group-offsets' (at) {
    const topic = await at.topic('t'), producer = at.producer()
    await producer.send({ messages: Array.from({ length: 10 }, (_, i) => ({ topic, value: `${i}` })) })
    const first = await at.member(topic)
    await until('ten records', () => first.seen.length === 10)
    await first.consumer.commit({ offsets: [{ topic, partition: 0, offset: 7n, leaderEpoch: 0 }] })
    const committed = (await first.consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] })).get(topic)
    await first.close()
    const second = await at.member(topic)
    await until('the rest', () => second.seen.length >= 3)
    return { committed, after: second.seen.map(m => m.value) }
  },

  async 'group-members' (at) {
    const topic = await at.topic('t', 6), members = [], seen = []
    const share = async (...counts) => {
      await until(`shares ${counts}`, () => JSON.stringify(members.map(m => m.owned())) === JSON.stringify(counts))
      seen.push(counts)
    }
    for (const counts of [[6], [3, 3], [2, 2, 2]]) {
      members.push(await at.member(topic))
      await share(...counts)
    }
    await members.pop().close()
    await share(3, 3)
    return seen
  },

  async transactions (at) {
    const topic = await at.topic('t'), producer = at.producer({ transactionalId: at.name('x'), idempotent: true })
    for (const [values, commit] of [[['a', 'b'], true], [['aborted 1', 'aborted 2'], false], [['c'], true], [['last'], true]]) {
      const transaction = await producer.beginTransaction()
      await transaction.send({ messages: values.map(value => ({ topic, value })) })
      await (commit ? transaction.commit() : transaction.abort())
    }
    const open = await producer.beginTransaction()
    await open.send({ messages: [{ topic, value: 'open' }] })
    const stable = await at.end(topic, READ_COMMITTED), end = await at.end(topic)
    await open.commit()
    return { committed: (await at.all(topic, 'last', READ_COMMITTED)).map(m => m.value).slice(0, 4), all: (await at.all(topic, 'open')).map(m => m.value), stable, end }
  },

  async 'transaction-copy' (at) {
    const input = await at.topic('in'), output = await at.topic('out'), producer = at.producer({ transactionalId: at.name('x'), idempotent: true })
    await at.producer().send({ messages: Array.from({ length: 10 }, (_, i) => ({ topic: input, value: `${i}` })) })
    const member = await at.member(input)
    await until('ten records', () => member.seen.length === 10)
    for (const commit of [false, true]) {
      const transaction = await producer.beginTransaction()
      await transaction.addConsumer(member.consumer)
      for (const message of member.seen) {
        await transaction.send({ messages: [{ topic: output, value: `${message.value}!` }] })
        await transaction.addOffset(message)
      }
      await (commit ? transaction.commit() : transaction.abort())
    }
    // This client does not ask for stable offsets only, so it sees them when the markers are written.
    let committed
    await until('offsets are committed', async () => {
      committed = (await member.consumer.listCommittedOffsets({ topics: [{ topic: input, partitions: [0] }] })).get(input)
      return committed[0] >= 0n
    })
    return { values: (await at.all(output, '9!', READ_COMMITTED)).map(m => m.value).join(' '), committed }
  },

  async 'admin-topics' (at) {
    const topic = at.name('t'), [created] = await at.admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 })
    await until('the topic is there', () => at.end(topic).then(() => true, () => false))
    const seen = { id: created.id.length, partitions: created.partitions, again: await error(() => at.topic('t')) }
    await at.admin.createPartitions({ topics: [{ name: topic, count: 4, assignments: null }] })
    await at.producer().send({ messages: Array.from({ length: 8 }, () => ({ topic, value: 'v', partition: 0 })) })
    seen.deleted = (await at.admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 5n }] }] }))[0].partitions
    seen.listed = (await at.admin.listTopics()).includes(topic)
    await at.admin.deleteTopics({ topics: [topic] })
    await until('it is gone', async () => !(await at.admin.listTopics()).includes(topic))
    return { ...seen, deleteAgain: await error(() => at.admin.deleteTopics({ topics: [topic] })) }
  },

  async 'admin-configs' (at) {
    const resourceName = await at.topic('t', 1, [{ name: 'retention.ms', value: '55000' }]), resourceType = 2
    const described = async () => (await at.admin.describeConfigs({ resources: [{ resourceType, resourceName, configurationKeys: ['retention.ms'] }] }))[0].configs.map(c => [c.name, c.value, c.configSource])
    const before = await described()
    await at.admin.incrementalAlterConfigs({ resources: [{ resourceType, resourceName, configs: [{ name: 'retention.ms', value: '66000', configOperation: 0 }] }] })
    await until('the change is told', async () => (await described())[0][1] === '66000')
    return { before, after: await described() }
  },

  async 'admin-groups' (at) {
    const topic = await at.topic('t', 2), member = await at.member(topic), groupId = at.name('g')
    await until('assigned', () => member.owned() === 2)
    const described = (await at.admin.describeGroups({ groups: [groupId] })).get(groupId), [of] = described.members.values()
    const seen = { state: described.state, protocol: described.protocol, members: [...described.members.values()].length, client: of.clientId, host: of.clientHost,
      listed: (await at.admin.listGroups({ states: ['STABLE'] })).has(groupId), deleteWhileUsed: await error(() => at.admin.deleteGroups({ groups: [groupId] })) }
    await member.close()
    await at.admin.alterConsumerGroupOffsets({ groupId, topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset: 4n }, { partition: 1, offset: 5n }] }] })
    const offsets = async () => (await at.admin.listConsumerGroupOffsets({ groups: [groupId] }))[0].topics.flatMap(t => t.partitions.map(p => [p.partitionIndex, p.committedOffset])).sort()
    seen.set = await offsets()
    await at.admin.deleteConsumerGroupOffsets({ groupId, topics: [{ name: topic, partitionIndexes: [0] }] })
    seen.left = await offsets()
    await at.admin.deleteGroups({ groups: [groupId] })
    return { ...seen, listedAfter: (await at.admin.listGroups()).has(groupId) }
  }
}, (bootstrap, id) => new At(bootstrap, id))
