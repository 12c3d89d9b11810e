import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { invited, letIn } from '../../../test/support/invited.ts'
import { callsOf } from '../../../test/support/service-calls.ts'

const options = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']
/** Many are alike, more than are asked for at a time, and of the others nearly each is a kind of their own. */
const needsOf = (n: number): string[] =>
  n < 120 ? ['A'] : options.slice(1).filter((_option, bit) => ((n >> bit) & 1) === 1)
const nameOf = (n: number): string => `p${n}@example.org`
const told = ['told-1@example.org', 'told-2@example.org']

interface Person {
  id: string
  address: string
  counts: string[]
}

/** As the rule says it: going through everybody who waits, again for each who is drawn. */
function drawSlowly(
  method: string,
  people: readonly Person[],
  { most, seed, needs }: { most: number; seed: string; needs: readonly { quota: string; needed: number }[] },
): string[] {
  const lot = ({ id }: Person): string => createHash('sha256').update(`${seed}\n${id}`).digest('hex')
  const left = method === 'first-come' ? [...people] : people.toSorted((a, b) => (lot(a) < lot(b) ? -1 : 1))
  const open = new Map(needs.toSorted((a, b) => (a.quota < b.quota ? -1 : 1)).map((each) => [each.quota, each.needed]))
  const worthOf = ({ counts }: Person): number => {
    let worth = 0
    for (const [quota, needed] of open) {
      if (needed <= 0 || !counts.includes(quota)) continue
      const supply = left.filter((each) => each.counts.includes(quota)).length
      worth += 1 + Math.min(1, needed / supply)
    }
    return worth
  }
  const drawn: string[] = []
  while (drawn.length < most && left.length > 0) {
    let best = 0
    if (method === 'stratified') {
      // Alike are worth the same.
      const worths = new Map<string, number>()
      for (const person of left) {
        const kind = person.counts.join(' ')
        if (!worths.has(kind)) worths.set(kind, worthOf(person))
      }
      const all = left.map(({ counts }) => worths.get(counts.join(' ')) ?? 0)
      best = all.indexOf(Math.max(...all))
    }
    const [person] = left.splice(best, 1)
    if (person === undefined) break
    drawn.push(person.address)
    for (const quota of person.counts) open.set(quota, (open.get(quota) ?? 0) - 1)
  }
  return drawn
}

describe('drawing from the waiting list', () => {
  let app: TestApp
  let id: string
  let waiting: Person[]
  const needs = new Map<string, number>()
  const { api } = callsOf(() => app, 'drawn')
  const upload = async (csv: string): Promise<string> => {
    const answer = await fetch(`${app.url}/api/v1/services/drawn/batches/list?name=List`, {
      method: 'POST',
      headers: { ...app.asAdmin.headers, 'content-type': 'text/csv' },
      body: csv,
    })
    return ((await answer.json()) as { batch: { id: string } }).batch.id
  }

  before(async () => {
    app = await startApp()
    id = (await app.aService({ key: 'drawn', phase: 'private-beta' })).id
    await askAndWant()
    const list = await upload(`email,Region\n${told.map((address) => `${address},North\n`).join('')}`)
    await api('POST', `/batches/${list}/start`, {})
    await api('POST', `/batches/${list}/end`, { revoke: true })
    await putOnTheList()
    for (const n of [10, 11]) await letIn(app, 'drawn', nameOf(n))
    for (const n of [12, 13]) await invited(app, 'drawn', nameOf(n))
    await sql`update waiting set left_at = ${app.clock.now()} where address = ${nameOf(14)}`.execute(app.db)
    await api('POST', '/not-invited', { address: nameOf(15).toUpperCase() })
    const queued = await upload(`email\n${nameOf(16)}\n`)
    const later = new Date(app.clock.now().getTime() + 86_400_000).toISOString()
    await api('POST', `/batches/${queued}/start`, { beginsAt: later })
    waiting = await whoWaits()
  })
  after(() => app.close())

  async function askAndWant(): Promise<void> {
    await api('POST', '/waiting-list/questions', {
      ...{ name: 'Needs', question: 'What do you need?', kind: 'choices', options },
    })
    await api('POST', '/waiting-list/questions', {
      ...{ name: 'Reader', question: 'Do you use a screen reader?', kind: 'yes-no', special: true },
    })
    for (const value of options)
      await api('PUT', '/waiting-list/quotas', { attribute: 'needs', value, wanted: value === 'A' ? 90 : 40 })
    await api('PUT', '/waiting-list/quotas', { attribute: 'Reader', value: 'yes', wanted: 12 })
    await api('PUT', '/waiting-list/quotas', { attribute: 'region', value: 'north', wanted: 1 })
  }

  async function putOnTheList(): Promise<void> {
    const all = Array.from({ length: 300 }, (_, n) => ({ address: nameOf(n), needs: needsOf(n), reads: n % 17 === 9 }))
    const rows = JSON.stringify([...all, ...told.map((address) => ({ address, needs: [], reads: false }))])
    await sql`with given as (
        select * from jsonb_to_recordset(${rows}::jsonb) as g (address text, needs text[], reads boolean)
      ), put as (
        insert into waiting (service_id, address, at, confirmed_at)
        select ${id}::uuid, address, ${app.clock.now()}::timestamptz + row_number() over () * interval '1 second', ${app.clock.now()}
        from given returning id, address
      ), answered as (
        insert into waiting_answer (waiting_id, question_id, position, value)
        select p.id, q.id, n.position, n.value from put p join given g on g.address = p.address
          join screening_question q on q.service_id = ${id} and q.name = 'Needs'
          cross join lateral unnest(g.needs) with ordinality as n (value, position)
      )
      insert into waiting_special_answer (waiting_id, question_id, position, value, agreed_at)
      select p.id, q.id, 0, 'Yes', ${app.clock.now()} from put p join given g on g.address = p.address and g.reads
        join screening_question q on q.service_id = ${id} and q.name = 'Reader'`.execute(app.db)
  }

  /** First come first, and what is missing when two with need A are in and two are invited. */
  async function whoWaits(): Promise<Person[]> {
    const { quotas } = await api('GET', '/waiting-list')
    const quotaOf = new Map<string, string>()
    for (const { id: quota, value, wanted } of quotas) {
      quotaOf.set(value.toUpperCase(), quota)
      needs.set(quota, value === 'A' ? wanted - 4 : wanted)
    }
    const { rows } = await sql<{ id: string; address: string }>`select id, address from waiting
      where service_id = ${id} order by at`.execute(app.db)
    return rows.flatMap((row): Person[] => {
      const n = told.includes(row.address) ? null : Number(/\d+/.exec(row.address)?.[0])
      if (n !== null && n >= 10 && n <= 16) return []
      const fills = n === null ? ['NORTH'] : [...needsOf(n), ...(n % 17 === 9 ? ['YES'] : [])]
      return [{ ...row, counts: fills.flatMap((value) => quotaOf.get(value) ?? []) }]
    })
  }

  const draw = (method: string, count: object, more: object = {}) =>
    api('POST', '/batches', { name: 'Drawn', method, count, ...more })
  const linesOf = async (batch: string): Promise<string[]> => {
    const { text } = await app.asAdmin.get(`/api/v1/services/drawn/batches/${batch}/results.csv`)
    return [...text.matchAll(/[\w-]+@example\.org/g)].map(([address]) => address)
  }

  test('ADM-43 draws whom going through everybody again and again would draw, in that order, and tells what it fills [row 175]', async () => {
    const wanted = [...needs].map(([quota, needed]) => ({ quota, needed }))
    for (const method of ['first-come', 'random', 'stratified'])
      for (const [seed, most] of Object.entries({ spring: 1, summer: 50, autumn: 170, 'ä\n✓': 1_000 })) {
        const { batch } = await draw(method, { people: most }, { seed })
        const { draw: kept } = batch
        const expected = drawSlowly(method, waiting, { most, seed, needs: wanted })
        const drawn = await linesOf(batch.id)
        assert.deepEqual(drawn, expected, `${most} ${method}`)
        assert.deepEqual([kept.candidates, kept.count, drawn.length], [295, most, Math.min(295, most)])
        for (const { quota, needed, filled } of kept.needs) {
          const n = waiting.filter(({ address, counts }) => drawn.includes(address) && counts.includes(quota)).length
          assert.deepEqual([needed, filled], [needs.get(quota), Math.min(needed, n)])
        }
      }
  })

  test('ADM-43 another seed draws others, and a part of those who wait is rounded up to whole people', async () => {
    const [one, other] = [await draw('random', { percent: 12.5 }), await draw('random', { percent: 12.5 })]
    assert.equal(one.counts.queued, Math.ceil(295 * 0.125))
    assert.notDeepEqual(await linesOf(one.batch.id), await linesOf(other.batch.id))
  })

  test('ADM-43 filters hold for answers, special answers and what a list told, whatever the order', async () => {
    const of = (filters: object[], method = 'random') =>
      draw(method, { percent: 100 }, { filters }).then(({ batch }) => linesOf(batch.id))
    const some = await of([{ attribute: 'NEEDS', values: ['c', 'D'] }], 'stratified')
    const fills = waiting.filter(({ address }) => !told.includes(address)).map(({ address }) => address)
    const hasOne = (address: string): boolean => {
      const has = needsOf(Number(/\d+/.exec(address)?.[0]))
      return has.includes('C') || has.includes('D')
    }
    assert.deepEqual(some.toSorted(), fills.filter(hasOne).toSorted())
    assert.deepEqual((await of([{ attribute: 'region', values: ['North'] }])).toSorted(), told)
    const readers = fills.filter((address) => Number(/\d+/.exec(address)?.[0]) % 17 === 9)
    assert.deepEqual((await of([{ attribute: 'Reader', values: ['yes'] }])).toSorted(), readers.toSorted())
    const both = await app.asAdmin.api('POST', '/api/v1/services/drawn/batches', {
      ...{ name: 'Nobody', method: 'stratified', count: { people: 5 } },
      filters: [
        { attribute: 'Reader', values: ['Yes'] },
        { attribute: 'Region', values: ['North'] },
      ],
    })
    assert.equal(both.status, 409)
    const { batches } = await api('GET', '/batches')
    assert.equal(
      batches.some(({ name }: { name: string }) => name === 'Nobody'),
      false,
    )
  })
})
