import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import { newUnit } from '../../../packages/admission/src/index.ts'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { invited, letIn } from '../../../test/support/invited.ts'
import { callsOf } from '../../../test/support/service-calls.ts'
import { until } from '../../../test/support/until.ts'
import { openDatabase } from '../../platform/index.ts'

const hourMs = 3_600_000

describe('kept counts compared with the people', () => {
  let app: TestApp
  let id: string
  const logged: { msg: string; level: number; differences?: object }[] = []
  before(async () => {
    const log = pino({ level: 'error' }, { write: (line: string) => void logged.push(JSON.parse(line)) })
    app = await startApp({ log })
    id = (await app.aService({ key: 'counted', phase: 'public-beta' })).id
    await api('PUT', '/share', { percent: 60 })
    await report(...Array.from({ length: 40 }, () => ({ unit: newUnit(), kind: 'admitted', rung: 'share' })))
    for (let n = 0; n < 4; n++) units.push(await letIn(app, 'counted', `person${n}@example.org`, { cohort: 'Group' }))
    await report({ unit: units[0], kind: 'choice', value: 'current' })
    const list = await fetch(`${app.url}/api/v1/services/counted/batches/list?name=List`, {
      method: 'POST',
      headers: { ...app.asAdmin.headers, 'content-type': 'text/csv' },
      body: 'email\nline1@example.org\nline2@example.org\nline1@example.org\n',
    })
    batch = ((await list.json()) as { batch: { id: string } }).batch.id
    await api('POST', `/batches/${batch}/start`, {})
    await app.phasegate.platform.jobs.now('admission-sending', app.phasegate.platform)
  })
  after(() => app.close())

  const units: string[] = []
  let batch: string
  const { api, report } = callsOf(() => app, 'counted')
  const told = async () => {
    const { rungs } = await api('GET', '/ladder')
    const { invitations, places, peopleIn, wentBack, cohorts } = await api('GET', '/admission')
    const { counts, funnel } = await api('GET', `/batches/${batch}`)
    return { rungs, invitations, places, peopleIn, wentBack, cohorts, counts, funnel }
  }
  const mended = async (): Promise<string[]> => {
    const { rows } = await sql<{ summary: string }>`select summary from audit where action = 'admission.counts-mended'
      and service_id = ${id} order by id`.execute(app.db)
    return rows.map(({ summary }) => summary.replace(/^.*: /, ''))
  }
  const compare = () => app.phasegate.platform.jobs.now('admission-counts-compared', app.phasegate.platform)
  const nextNight = async (): Promise<void> => {
    const at = app.clock.now().getTime()
    app.clock.set(new Date(Math.ceil(at / (24 * hourMs)) * 24 * hourMs + 2 * hourMs))
    await compare()
  }
  const countsOf = async (): Promise<{ ok: boolean; says: string }> => (await app.get('/ready')).json.parts.counts
  /** Writes past the triggers, as nobody should. */
  const past = (...statements: ReturnType<typeof sql>[]) =>
    app.db.transaction().execute(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx)
      for (const statement of statements) await statement.execute(tx)
    })

  test('ADM-54 find nothing where people came, chose and left by the program', async () => {
    assert.equal((await countsOf()).says, 'not compared yet')
    await api('POST', '/salt', { reason: 'Draw others', sure: true })
    await report({ unit: units[1], kind: 'left' })
    await api('POST', '/removals', { who: 'person2@example.org', reason: 'Asked to go' })
    const was = await told()
    await compare()
    assert.deepEqual(await told(), was)
    assert.deepEqual([await mended(), logged], [[], []])
    assert.match((await countsOf()).says, /^as the people are/)
  })

  test('ADM-54 a difference in each of them is put right, written into the history, logged and shown to the operator', async () => {
    const was = await told()
    await past(
      sql`update admission_count set people = people + 7 where service_id = ${id} and rung = 'share'`,
      sql`delete from admission_count where service_id = ${id} and rung = 'invited'`,
      sql`insert into invitation_count (service_id, state, holds_place, people) values (${id}, 'accepted', false, 5)`,
      sql`delete from batch_count where batch_id = ${batch}`,
      sql`update rollout set taken = taken + 3 where service_id = ${id}`,
      sql`update admission set went_back = not went_back where service_id = ${id} and unit = ${units[0]}`,
    )
    assert.notDeepEqual(await told(), was)
    // It is not night yet, and they were compared an hour ago.
    app.clock.advance(hourMs)
    await compare()
    assert.deepEqual(await mended(), [])
    await nextNight()
    assert.deepEqual(await told(), was)
    const all = [
      'batches',
      'invitations',
      'people on each rung',
      'places taken',
      'who went back to the current service',
    ]
    assert.deepEqual((await mended()).toSorted(), all)
    assert.equal(logged.length, 1)
    assert.match(logged[0]?.msg ?? '', /^kept counts differed from the people/)
    assert.deepEqual(Object.keys(logged[0]?.differences ?? {}).toSorted(), [
      ...['batches', 'choices', 'invitations', 'places', 'rungs'],
    ])
    const { ok, says } = await countsOf()
    assert.ok(ok)
    assert.match(says, /differed and were put right/)
    await nextNight()
    assert.equal((await mended()).length, all.length)
    for (let night = 0; night < 7; night++) await nextNight()
    assert.match((await countsOf()).says, /^as the people are/)
  })

  test('ADM-54 counting, and adding what lacks, may take longer than anything that a person waits for', async () => {
    const limitMs = 2_000
    const hasty = openDatabase({ ...app.connection, statement_timeout: limitMs })
    const holder = new pg.Client(app.connection)
    await holder.connect()
    const isWaitedFor = async (table: string): Promise<boolean> => {
      const { rows } = await sql`select from pg_locks where relation = ${table}::regclass and not granted`.execute(
        app.db,
      )
      return rows.length > 0
    }
    try {
      const was = await told()
      // Who counts waits for one of them, who adds for the other, as long as among very many people.
      for (const [table, mode] of [
        ['batch_person', 'access exclusive'],
        ['batch_count', 'share'],
      ] as const) {
        await past(sql`delete from batch_count where batch_id = ${batch}`)
        app.clock.advance(31 * hourMs)
        await holder.query(`begin; lock table ${table} in ${mode} mode`)
        const compared = app.phasegate.platform.jobs.now('admission-counts-compared', {
          ...app.phasegate.platform,
          db: hasty.db,
        })
        await until(`${table} is waited for`, () => isWaitedFor(table))
        await pause(limitMs)
        await holder.query('commit')
        await compared
        assert.deepEqual(await told(), was)
      }
    } finally {
      await holder.end()
      await hasty.close()
    }
  })

  test('ADM-54 ADM-19 people come and choose while counts are put right, and all of them are counted', async () => {
    const links = []
    for (let n = 0; n < 48; n++) links.push(await invited(app, 'counted', `later${n}@example.org`))
    const before = await told()
    for (let round = 0; round < 4; round++) {
      await past(
        sql`update admission_count set people = people + 11 where service_id = ${id} and rung = 'invited' and not went_back`,
        sql`insert into invitation_count (service_id, state, holds_place, people) values (${id}, 'accepted', false, ${round + 2})`,
        sql`update rollout set taken = taken + 4 where service_id = ${id}`,
      )
      const coming = links.splice(0, 12)
      const chosen = newUnit()
      app.clock.advance(31 * hourMs)
      await Promise.all([
        compare(),
        ...coming.map((link) => app.asGateway.post(`${link}/accept`, { nonce: link })),
        report({ unit: chosen, kind: 'admitted', rung: 'share' }, { unit: chosen, kind: 'choice', value: 'current' }),
      ])
    }
    const { rows } = await sql<{ n: number; back: number }>`select count(*)::int as n,
      count(*) filter (where exists (select from choice c where c.service_id = a.service_id and c.unit = a.unit
        and c.value = 'current'))::int as back from admission a where service_id = ${id} and left_at is null`.execute(
      app.db,
    )
    const { rows: accepted } = await sql<{ n: number }>`select count(*)::int as n from invitation
      where service_id = ${id} and state = 'accepted'`.execute(app.db)
    const now = await told()
    assert.deepEqual(
      logged.filter(({ msg }) => !msg.startsWith('kept counts differed')),
      [],
    )
    assert.ok(now.peopleIn > before.peopleIn)
    assert.deepEqual(
      [now.peopleIn, now.places.taken, now.wentBack, now.invitations.accepted],
      [rows[0]?.n, rows[0]?.n, rows[0]?.back, accepted[0]?.n],
    )
    assert.equal(
      now.rungs.find(({ rung }: { rung: string }) => rung === 'invited').people,
      before.rungs.find(({ rung }: { rung: string }) => rung === 'invited').people + 48,
    )
  })
})
