// Asks a client's checks one at a time: PROGRAM BOOTSTRAP CHECK [ID] prints what was seen as one line of JSON; PROGRAM BOOTSTRAP reads lines "CHECK ID"
// and answers each with one.
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'

export const LIMIT_MS = 30000

export async function until (what, reached) {
  const end = Date.now() + LIMIT_MS
  while (!(await reached())) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function answer (checks, place, bootstrap, name, id) {
  const result = { check: name }
  const at = place(bootstrap, id)
  try {
    if (!checks[name]) throw new Error(`There is no check '${name}'; there are ${Object.keys(checks)}`)
    result.facts = await checks[name](at)
  } catch (error) {
    result.error = `${error.stack} ${JSON.stringify(error.errors ?? error.cause ?? '', (_, v) => typeof v === 'bigint' ? `${v}` : v)}`
  } finally {
    for (const client of at.open.reverse()) await client().catch(() => {})
  }
  process.stdout.write(JSON.stringify(result, (_, v) => typeof v === 'bigint' ? Number(v) : v) + '\n')
}

export async function asked (checks, place) {
  const [bootstrap, check, id] = process.argv.slice(2)
  // What a client throws into the air while it is being closed belongs to no check.
  process.on('unhandledRejection', error => process.stderr.write(`unhandled: ${error}\n`))
  if (check) await answer(checks, place, bootstrap, check, id ?? `by-hand-${randomUUID().slice(0, 8)}`)
  else for await (const line of createInterface({ input: process.stdin })) await answer(checks, place, bootstrap, ...line.split(' '))
  process.exit(0)
}
