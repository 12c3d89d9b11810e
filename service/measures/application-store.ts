import type { PoolClient } from 'pg'
import { cell, copyIn } from './copy.ts'
import type { Audience, MeasuredArm, MeasuredEvent } from './measures.ts'
import { applicationKey, type Application } from './rules.ts'

interface ApplicationRow {
  service_id: string
  journey: string
  id: string
  first_ms: number
  started_ms: number | null
  arm: MeasuredArm | null
  audience: Audience | null
  open_ms: number | null
  completed_ms: number | null
  refused_ms: number | null
  failed_ms: number | null
  steps: string[]
}

export async function lockApplications(client: PoolClient, events: MeasuredEvent[]): Promise<Map<string, Application>> {
  const wanted = new Map<string, MeasuredEvent>()
  for (const event of events) {
    if (event.application !== null) wanted.set(event.application, event)
  }
  if (wanted.size === 0) return new Map()
  const asked = [...wanted.values()]
  const { rows } = await client.query<ApplicationRow>({
    name: 'measures-lock',
    text: `select t.service_id, t.journey, t.id, t.arm, t.audience, t.open_ms, t.steps,
        ${['first', 'started', 'completed', 'refused', 'failed'].map((name) => `(extract(epoch from t.${name}_at) * 1000)::float8 as ${name}_ms`).join(', ')}
      from journey_transaction t
      join unnest($1::uuid[], $2::text[], $3::text[]) as w (service_id, journey, id) using (service_id, journey, id)
      order by t.service_id, t.journey, t.id for update of t`,
    values: [
      asked.map((event) => event.serviceId),
      asked.map((event) => event.journey),
      asked.map((event) => event.transaction),
    ],
  })
  const known = new Map<string, Application>()
  for (const row of rows) {
    const key = applicationKey(row.service_id, row.journey, row.id)
    known.set(key, {
      key,
      serviceId: row.service_id,
      journey: row.journey,
      id: row.id,
      firstAt: row.first_ms,
      startedAt: row.started_ms,
      arm: row.arm,
      audience: row.audience,
      openMs: row.open_ms,
      completedAt: row.completed_ms,
      refusedAt: row.refused_ms,
      failedAt: row.failed_ms,
      steps: row.steps,
    })
  }
  return known
}

const applicationColumns: [name: string, type: string, read: (application: Application) => string | number | null][] = [
  ['service_id', 'uuid', ({ serviceId }) => serviceId],
  ['journey', 'text', ({ journey }) => journey],
  ['id', 'text', ({ id }) => id],
  ['first_at', 'timestamptz', ({ firstAt }) => instant(firstAt)],
  ['started_at', 'timestamptz', ({ startedAt }) => instant(startedAt)],
  ['arm', 'text', ({ arm }) => arm],
  ['audience', 'text', ({ audience }) => audience],
  ['open_ms', 'float8', ({ openMs }) => openMs],
  ['completed_at', 'timestamptz', ({ completedAt }) => instant(completedAt)],
  ['refused_at', 'timestamptz', ({ refusedAt }) => instant(refusedAt)],
  ['failed_at', 'timestamptz', ({ failedAt }) => instant(failedAt)],
  // An array of arrays must be rectangular: each list of steps travels as PostgreSQL's own text of it.
  ['steps', 'text', ({ steps }) => `{${steps.map((step) => JSON.stringify(step)).join(',')}}`],
]

export async function saveApplications(
  client: PoolClient,
  all: Application[],
  known: ReadonlyMap<string, Application>,
): Promise<void> {
  const isNew = (one: Application) => !known.has(one.key)
  const fresh = all.filter(isNew)
  const changed = all.filter((one) => !isNew(one) && differs(one, known))
  const names = applicationColumns.map(([name]) => name)
  if (fresh.length > 0) {
    const lines = fresh.map((one) => `${applicationColumns.map(([, , read]) => cell(read(one))).join('\t')}\n`).join('')
    // One that another process made in between breaks the primary key; the intake then does all of it again.
    await copyIn(client, 'journey_transaction', names.join(', '), lines)
  }
  if (changed.length > 0) {
    const from = `unnest(${applicationColumns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')}) as v (${names.join(', ')})`
    const set = names.slice(3).map((name) => `${name} = ${name === 'steps' ? 'v.steps::text[]' : `v.${name}`}`)
    await client.query({
      name: 'measures-applications-changed',
      text: `update journey_transaction t set ${set.join(', ')} from ${from}
        where t.service_id = v.service_id and t.journey = v.journey and t.id = v.id`,
      values: applicationColumns.map(([, , read]) => changed.map(read)),
    })
  }
}

function differs(one: Application, known: ReadonlyMap<string, Application>): boolean {
  return JSON.stringify(one) !== JSON.stringify(known.get(one.key))
}

export function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
