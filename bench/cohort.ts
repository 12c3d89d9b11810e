import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { aBeta } from '../test/chaos/beta.ts'
import { openStage } from '../test/chaos/stage.ts'

/**
 * `npm run bench -- cohort [people]`: one cohort of so many people, used by 50 flags, from the database into decisions. Real
 * processes on loopback; people are written into the database.
 */
const people = Number(process.argv[2] ?? 1_000_000)
const flags = Array.from({ length: 50 }, (_, index) => `plan-flag-${index}`)

const stage = openStage((line) => console.error(line))
try {
  const installation = await stage.start()
  const beta = await aBeta(stage, installation, { phase: 'public-beta' })
  const must = async (method: 'POST' | 'PUT', path: string, body: object): Promise<void> => {
    const answer = await installation.api(method, `/api/v1/services/${beta.key}${path}`, body)
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  }
  /** When it began to start again; it is ready after this. */
  const again = async (): Promise<number> => {
    await installation.kill('SIGTERM')
    const from = performance.now()
    await installation.restart()
    return from
  }
  await must('POST', '/invitations', { addresses: ['first@example.org'], cohort: 'All' })
  const reason = 'For the bench'
  for (const key of flags) {
    const named = { key, name: key, description: reason, kind: 'plan', appliesTo: 'both', forClients: true }
    await must('POST', '/features', named)
    await must('PUT', `/features/${key}/audience`, { version: 1, reason, cohorts: ['All'] })
    await must('PUT', `/features/${key}/switch`, { on: true, reason })
  }
  const emptyFrom = await again()
  const withoutMs = performance.now() - emptyFrom
  const socket = join(installation.dataDirectory, 'postgres', 'socket')
  const pool = new pg.Pool({ host: socket, user: 'phasegate', database: 'phasegate', max: 1 })
  pool.on('error', () => {})
  const { rows } = await pool.query<{ unit: string }>(
    `with added as (
      insert into participant (service_id, cohort_id, unit, created_at)
      select c.service_id, c.id, translate(rtrim(encode(uuid_send(gen_random_uuid()), 'base64'), '='), '+/', '-_'), now()
      from cohort c, generate_series(1, $1::int) where c.name = 'All' returning unit)
     select min(unit) as unit from added`,
    [people],
  )
  await pool.query('vacuum analyze participant')
  await pool.end()
  const isInAll = async (): Promise<boolean> => {
    const { body } = await installation.api('POST', '/ofrep/v1/evaluate/flags', {
      context: { targetingKey: rows[0]?.unit },
    })
    const found = body.flags as { key: string; value: unknown }[]
    return found.filter(({ key, value }) => flags.includes(key) && value === true).length === flags.length
  }
  const from = await again()
  while (!(await isInAll())) await pause(20)
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
  console.log(
    `\n${people.toLocaleString('en')} people in a cohort of ${flags.length} flags: ${seconds(performance.now() - from)} from the beginning of a restart until all flags decide; ${seconds(withoutMs)} without them`,
  )
} finally {
  await stage.end()
}
process.exit(0)
