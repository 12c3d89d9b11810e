import { sql } from 'kysely'
import { exampleKey, exampleWithHistory } from '../test/support/example-pages.ts'

/**
 * `npm run bench -- people [people]`: the pages of a team whose beta has so many people in, all of them invited in one batch,
 * each asked 25 times over HTTP, one at a time.
 */
const people = Number(process.argv[2] ?? 100_000)
const rounds = 25
const example = await exampleWithHistory()
const { app } = example
const { rows } = await sql<{ id: string; batch: string }>`
  with added as (
    insert into invitation_batch (service_id, name, source, state, created_by, created_at)
    select id, 'All', 'list', 'done', 'Bench', ${app.clock.now()}::timestamptz from service where key = ${exampleKey}
    returning id, service_id
  ) select service_id as id, id as batch from added`.execute(app.db)
const [{ id, batch } = { id: '', batch: '' }] = rows

await sql`insert into participant (service_id, cohort_id, unit, address, created_at)
  select ${id}::uuid, (select c.id from cohort c where c.service_id = ${id} limit 1), 'u' || lpad(n::text, 21, '0'),
    'bench' || n || '@example.org', '2026-11-10' from generate_series(1, ${people}::int) n`.execute(app.db)
const added = sql`from participant where service_id = ${id} and unit like 'u0%'`
await sql`insert into admission (service_id, unit, rung, at, by_name, participant_id)
  select service_id, unit, 'invited', created_at, 'The person', id ${added}`.execute(app.db)
await sql`insert into invitation (service_id, cohort_id, address, state, holds_place, sent_at, sent_by, expires_at, accepted_at,
    participant_id)
  select service_id, cohort_id, address, 'accepted', true, '2026-11-01', 'Bench', '2026-12-01', created_at, id ${added}`.execute(
  app.db,
)
await sql`insert into choice (service_id, unit, value, at) select service_id, unit, 'current', created_at ${added}
  and unit like '%00'`.execute(app.db)
await sql`insert into batch_person (batch_id, position, address, outcome, invitation_id)
  select ${batch}::uuid, row_number() over (), address, 'invited', id from invitation
  where service_id = ${id} and address like 'bench%'`.execute(app.db)
await sql`update rollout set taken = taken + ${people}, cap = null where service_id = ${id}`.execute(app.db)
await sql`vacuum analyze`.execute(app.db)

const manager = await app.signIn('service-manager', exampleKey)
console.log(`\n| page with ${people.toLocaleString('en-GB')} people in | p50 | p95 |\n|---|---|---|`)
for (const path of ['', '/admission', `/admission/batches/${batch}`, '/admission/ledger', '/plan', '/plan/salt']) {
  const url = `/services/${exampleKey}${path}`
  const taken: number[] = []
  for (let round = -2; round < rounds; round++) {
    const from = performance.now()
    const { status } = await manager.get(url)
    if (status !== 200) throw new Error(`${url} answered ${status}`)
    if (round >= 0) taken.push(performance.now() - from)
  }
  taken.sort((one, other) => one - other)
  const at = (share: number): string => (taken[Math.floor(share * taken.length)] ?? 0).toFixed(0)
  console.log(`| \`/services/permit${path.replace(batch, ':batch')}\` | ${at(0.5)} ms | ${at(0.95)} ms |`)
}
await example.close()
process.exit(0)
