import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { newUnit } from '../../packages/admission/src/index.ts'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { invited, letIn } from '../../test/support/invited.ts'
import { callsOf } from '../../test/support/service-calls.ts'
import { foldCounts } from './invitations/count-store.ts'

const hourMs = 3_600_000

describe('the figures of who gets in', () => {
  let app: TestApp
  let id: string
  before(async () => {
    app = await startApp()
    id = (await app.aService({ key: 'counted', phase: 'public-beta' })).id
  })
  after(() => app.close())

  const { api, report } = callsOf(() => app, 'counted')
  const drawn = async (count: number): Promise<string[]> => {
    const units = Array.from({ length: count }, newUnit)
    await report(...units.map((unit) => ({ unit, kind: 'admitted', rung: 'share' })))
    return units
  }
  const choose = (unit: string, value: 'current' | 'new') => report({ unit, kind: 'choice', value })

  /** What the pages and the API tell. */
  async function told() {
    const { rungs } = await api('GET', '/ladder')
    const state = await api('GET', '/admission')
    return {
      rungs: Object.fromEntries(
        rungs.map((rung: { rung: string; people: number; carried: number }) => [
          rung.rung,
          [rung.people, rung.carried],
        ]),
      ),
      invitations: state.invitations,
      held: state.places.held,
      people: [state.peopleIn, state.wentBack],
      cohorts: state.cohorts,
      batches: await Promise.all(
        (await api('GET', '/batches')).batches.map(async ({ id: batch, ...row }: { id: string }) => {
          const { counts, funnel } = await api('GET', `/batches/${batch}`)
          const { queued, invited: sent, accepted } = row as { queued: number; invited: number; accepted: number }
          return { batch, row: { queued, invited: sent, accepted }, counts, funnel }
        }),
      ),
    }
  }

  /** The same, by going through everybody. */
  async function counted() {
    const at = app.clock.now()
    const { rows: standing } = await sql<{ rung: string; n: number; carried: number }>`
      with on_rung as (
        select a.rung, a.rung = 'share' and (coalesce(a.bucket, 100000) >= r.share or a.id <= r.salt_after) as carried
        from admission a join rollout r on r.service_id = a.service_id
        where a.service_id = ${id} and a.left_at is null and not exists (
          select from choice c where c.service_id = a.service_id and c.unit = a.unit and c.value = 'current')
      )
      select rung, count(*)::int as n, count(*) filter (where carried)::int as carried from on_rung group by rung
      union all select 'removed', count(*)::int, 0 from removal where service_id = ${id} and lifted_at is null
      union all select 'choice', count(*)::int, 0 from choice where service_id = ${id} and value = 'current'`.execute(
      app.db,
    )
    const rungs: { [rung: string]: (number | null)[] } = { halt: [null, 0], default: [null, 0] }
    for (const rung of ['removed', 'choice', 'preview', 'staff', 'invited', 'join', 'rules', 'share']) {
      const found = standing.find((row) => row.rung === rung)
      rungs[rung] = [found?.n ?? 0, found?.carried ?? 0]
    }
    const isOpen = sql`(state = 'sent' and expires_at > ${at})`
    const { rows: sent } = await sql<{ held: number }>`select count(*)::int as invited,
      count(*) filter (where state = 'accepted')::int as accepted, count(*) filter (where ${isOpen})::int as open,
      count(*) filter (where state = 'sent' and not ${isOpen})::int as expired,
      count(*) filter (where state = 'revoked')::int as withdrawn,
      count(*) filter (where ${isOpen} and holds_place)::int as held from invitation where service_id = ${id}`.execute(
      app.db,
    )
    const { held = 0, ...invitations } = sent[0] ?? {}
    const { rows: people } = await sql<{ n: number; back: number }>`select count(*)::int as n,
      count(*) filter (where exists (select from choice c
        where c.service_id = a.service_id and c.unit = a.unit and c.value = 'current'))::int as back
      from admission a where service_id = ${id} and left_at is null`.execute(app.db)
    const { rows: cohorts } = await sql`select c.name, count(i.id)::int as invited,
        count(i.id) filter (where i.state = 'accepted')::int as accepted
      from cohort c left join invitation i on i.cohort_id = c.id where c.service_id = ${id}
      group by c.id order by c.created_at, c.name`.execute(app.db)
    return {
      rungs,
      invitations,
      held,
      people: [people[0]?.n, people[0]?.back],
      cohorts,
      batches: await countedBatches(at),
    }
  }

  async function countedBatches(at: Date) {
    const { rows: batches } = await sql<{ id: string }>`select id from invitation_batch where service_id = ${id}
      order by created_at desc, id`.execute(app.db)
    return Promise.all(
      batches.map(async ({ id: batch }) => {
        const { rows: outcomes } = await sql<{ outcome: string; n: number }>`select outcome, count(*)::int as n
          from batch_person where batch_id = ${batch} group by outcome`.execute(app.db)
        const counts = Object.fromEntries(outcomes.map(({ outcome, n }) => [outcome, n]))
        const { rows } = await sql<{ ever: number }>`select count(*)::int as sent,
            count(*) filter (where i.state = 'sent' and i.expires_at > ${at})::int as open,
            count(*) filter (where i.state = 'accepted')::int as accepted,
            count(*) filter (where i.declined_at is not null)::int as declined,
            count(*) filter (where i.state = 'sent' and i.expires_at <= ${at})::int as "ranOut",
            count(*) filter (where i.state = 'revoked' and i.declined_at is null)::int as withdrawn,
            count(*) filter (where i.accepted_at is not null)::int as ever
          from batch_person p join invitation i on i.id = p.invitation_id where p.batch_id = ${batch}`.execute(app.db)
        const { ever = 0, ...funnel } = rows[0] ?? {}
        const row = { queued: counts['queued'] ?? 0, invited: counts['invited'] ?? 0, accepted: ever }
        return { batch, row, counts, funnel }
      }),
    )
  }

  async function agree(after: string): Promise<void> {
    assert.deepEqual(await told(), await counted(), after)
  }

  test('ADM-50 are at once what going through everybody would give, whatever was done', async () => {
    await agree('nobody yet')
    await api('PUT', '/share', { percent: 60 })
    const split = await drawn(60)
    await agree('drawn by the share')
    for (const percent of [30, 12.345, 99.999, 100, 0, 45]) {
      await api('PUT', '/share', { percent })
      await agree(`a share of ${percent}%`)
    }
    const units: string[] = []
    for (let n = 0; n < 6; n++)
      units.push(await letIn(app, 'counted', `person${n}@example.org`, { cohort: `Group ${n % 2}` }))
    await agree('invited and accepted')
    for (const unit of [...units.slice(0, 3), ...split.slice(0, 9)]) await choose(unit, 'current')
    await agree('went back')
    await choose(units[0] ?? '', 'new')
    await choose(newUnit(), 'current')
    await agree('came again, and a choice of somebody unknown')
    await drawn(1)
    const decided = newUnit()
    await choose(decided, 'current')
    await report({ unit: decided, kind: 'admitted', rung: 'share' })
    await agree('let in after the choice')
    await api('POST', '/salt', { reason: 'Draw others', sure: true })
    await agree('a new salt')
    await drawn(20)
    await report({ unit: split[1], kind: 'left' }, { unit: split[20], kind: 'left' })
    await api('PUT', '/share', { percent: 33.3 })
    await agree('drawn under the new salt, and left from before it')
    await api('POST', '/people/person1@example.org/sign-out')
    await api('POST', '/removals', { who: 'person2@example.org', reason: 'Asked to go' })
    await agree('signed out and removed')
    const link = new URL((await api('POST', '/previews', { name: 'For the board' })).link)
    await app.asGateway.post(link.pathname.replace('/go/', '/edge/'))
    const manager = await app.signIn('service-manager', 'counted')
    assert.equal((await manager.post('/services/counted/admission/enter')).status, 303)
    await agree('a preview link and one of the team')
    const again = await invited(app, 'counted', 'person2@example.org')
    await app.asGateway.post(`${again}/accept`, { nonce: 'again' })
    await agree('a removal lifted')
    await api('POST', '/erasures', { address: 'person0@example.org', sure: true })
    await agree('erased')
    const page = await manager.get('/services/counted/admission')
    assert.equal(page.status, 200)
  })

  test('ADM-15 of invitations are right in the very hour in which they run out, and after they were put together', async () => {
    const places = (await counted()).people[0] ?? 0
    await api('PUT', '/cap', { cap: places + 3 })
    const addresses = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => `open${from + n}@example.org`)
    await api('POST', '/invitations', { addresses: addresses(0, 2), cohort: 'Group 1' })
    app.clock.advance(hourMs / 2 + 1)
    await api('POST', '/invitations', { addresses: addresses(2, 3), cohort: 'Group 2', overInvite: true })
    await agree('sent')
    app.clock.advance(14 * 24 * hourMs - hourMs / 2 - 1)
    await agree('on the very moment when the first run out')
    for (const ms of [-1, 1, hourMs / 4, hourMs / 4, hourMs / 4, hourMs]) {
      app.clock.advance(ms)
      await agree('in the hour in which they run out')
    }
    for (const address of addresses(2, 2)) await invited(app, 'counted', address)
    await sql`insert into invitation (service_id, address, state, holds_place, sent_at, sent_by, expires_at)
      select ${id}::uuid, 'one' || n || '@example.org', 'revoked', false, now(), 'Test', now() from generate_series(1, 3) n`.execute(
      app.db,
    )
    for (let n = 0; n < 700; n++)
      await sql`update invitation set state = case state when 'sent' then 'revoked' else 'sent' end
        where service_id = ${id} and address = 'one1@example.org'`.execute(app.db)
    await agree('many changes')
    const before = await rowsOf('invitation_count')
    await Promise.all([foldCounts(app.db), foldCounts(app.db)])
    assert.ok((await rowsOf('invitation_count')) < before / 2)
    await agree('put together')
  })

  test('ADM-43 of batches follow every line and every invitation, of one batch and of two', async () => {
    await api('PUT', '/cap', { cap: null })
    const read = async (...lines: string[]): Promise<string> => {
      const response = await fetch(`${app.url}/api/v1/services/counted/batches/list?name=${lines.length}`, {
        method: 'POST',
        headers: { ...app.asAdmin.headers, 'content-type': 'text/csv' },
        body: ['email', ...lines].join('\n'),
      })
      assert.equal(response.status, 201)
      const { batch } = (await response.json()) as { batch: { id: string } }
      return batch.id
    }
    const send = async (batch: string): Promise<void> => {
      await api('POST', `/batches/${batch}/start`, {})
      await app.phasegate.platform.jobs.now('admission-sending', app.phasegate.platform)
      await app.phasegate.platform.mail.deliverDue()
    }
    const linkTo = (address: string): string => {
      const text = app.mails.findLast(({ to }) => to === address)?.text ?? ''
      return new URL(/http\S+\/invitation\/\S+/.exec(text)?.[0] ?? '').pathname.replace('/go/', '/edge/')
    }
    const people = Array.from({ length: 8 }, (_, n) => `line${n}@example.org`)
    const first = await read(...people, 'line0@example.org', 'no address')
    await agree('read')
    await send(first)
    await agree('sent')
    for (const address of people.slice(0, 3)) await app.asGateway.post(`${linkTo(address)}/accept`, { nonce: address })
    await app.asGateway.post(`${linkTo(people[3] ?? '')}/decline`)
    await agree('accepted and declined')
    app.clock.advance(14 * 24 * hourMs - 1)
    await agree('a moment before the others run out')
    app.clock.advance(1)
    await agree('on that moment')
    const second = await read(...people, 'line9@example.org')
    await send(second)
    await agree('sent once more, by another batch')
    await app.asGateway.post(`${linkTo(people[5] ?? '')}/accept`, { nonce: 'again' })
    await api('POST', `/batches/${second}/end`, { revoke: true })
    await agree('ended')
    await foldCounts(app.db)
    await agree('put together')
  })

  test('ADM-50 follow whoever writes, also what is deleted past the program', async () => {
    const units = await drawn(4)
    for (const unit of units.slice(0, 2)) await choose(unit, 'current')
    await agree('two of four went back')
    await sql`delete from choice where service_id = ${id} and unit = ${units[0]}`.execute(app.db)
    await agree('without the choice')
    await sql`delete from admission where service_id = ${id} and unit = any(${units.slice(1, 3)}::text[])`.execute(
      app.db,
    )
    // Places under the cap are the program's own count.
    await sql`update rollout set taken = taken - 2 where service_id = ${id}`.execute(app.db)
    await agree('without two lines of the ledger')
    await sql`delete from batch_person where batch_id in (select id from invitation_batch where service_id = ${id})
      and position <= 2`.execute(app.db)
    await agree('without lines of batches')
    await sql`delete from invitation where service_id = ${id} and state = 'revoked' and participant_id is null
      and not exists (select from batch_person p where p.invitation_id = invitation.id)`.execute(app.db)
    await agree('without invitations that were withdrawn')
  })

  test('ADM-19 miss nobody who chooses, comes and leaves at the same moment', async () => {
    await api('PUT', '/cap', { cap: null })
    const people = Array.from({ length: 40 }, newUnit)
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        people.flatMap((unit, n) => [
          report({ unit, kind: 'admitted', rung: n % 2 === 0 ? 'share' : 'rules' }),
          report({ unit, kind: 'choice', value: (n + round) % 3 === 0 ? 'new' : 'current' }),
          ...(n % 5 === round ? [report({ unit, kind: 'left' })] : []),
        ]),
      )
      await agree(`round ${round}`)
      app.clock.advance(1_000)
    }
  })

  test('are counted once more where they were kept by none, while others go on writing', async () => {
    const was = await told()
    await app.db.transaction().execute(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx)
      await sql`delete from admission_count`.execute(tx)
      await sql`delete from invitation_count`.execute(tx)
      await sql`delete from batch_count`.execute(tx)
      await sql`update admission set went_back = false`.execute(tx)
    })
    await drawn(5)
    await invited(app, 'counted', 'meanwhile@example.org')
    for (const name of ['0057-who-went-back', '0058-counts-begin', '0061-counts-of-batches-begin'])
      await sql.raw(await readFile(`database/migrations/${name}.sql`, 'utf8')).execute(app.db)
    await agree('begun')
    assert.notDeepEqual(await told(), was)
  })

  test('go with the service that is removed', async () => {
    const { id: other } = await app.aService({ key: 'sample', phase: 'public-beta', example: true })
    await letIn(app, 'sample', 'somebody@example.org', { cohort: 'Group' })
    await app.asGateway.api('POST', '/api/v1/gateway/reports', {
      reports: [{ service: 'sample', unit: newUnit(), kind: 'choice', value: 'current', at: '2026-11-20T12:00:00Z' }],
    })
    const manager = await app.signIn('service-manager', 'sample')
    assert.equal((await manager.post('/services/sample/remove')).status, 303)
    const { rows } = await sql<{ n: number }>`select
      (select count(*) from admission_count where service_id = ${other})::int
      + (select count(*) from invitation_count where service_id = ${other})::int as n`.execute(app.db)
    assert.equal(rows[0]?.n, 0)
  })

  async function rowsOf(table: 'invitation_count' | 'admission_count'): Promise<number> {
    const { rows } = await sql<{
      n: number
    }>`select count(*)::int as n from ${sql.table(table)} where service_id = ${id}`.execute(app.db)
    return rows[0]?.n ?? 0
  }
})
