import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { socketFolderOf } from '../../../service/platform/database/embedded-files.ts'
import { addService, lostAndDoubled, sendEvents, service } from '../events.ts'
import type { Installation, Scenario } from '../scenario.ts'
import { until } from '../../support/until.ts'

/** Enough to measure by; a planted fault shows with fewer. */
const manyEvents = 1_000_000
const fewEvents = 20_000
const rtoMs = 5 * 60_000
const load = { senders: 2, batch: 50 }
const runLimitMs = 15 * 60_000

/** What the backup is made to leave out. */
const plants: Record<string, { table: string; rows: string }> = {
  'the backup leaves out some events': { table: 'event_2', rows: "(properties->>'number')::int % 10 = 3" },
  'the backup leaves out the history': { table: 'audit', rows: 'position > 1' },
}

export const scenario: Scenario = {
  promise: 23,
  title: 'A backup taken in use brings everything back that was acknowledged when it began',
  reach: 'nothing lost or doubled, the API says the same, restored and ready within 5 minutes at 1 million events',
  plants: Object.keys(plants),
  limitMinutes: 30,
  async run(stage, plant) {
    const first = await stage.start()
    await addService(first)
    const seeded = plant === null ? manyEvents : fewEvents
    await seed(first, seeded)
    await first.api('POST', `/api/v1/services/${service}/halt`, { reason: 'It must stay halted' })
    const facts = await factsOf(first)
    const sending = sendEvents(first, load)
    await until('events are acknowledged', () => sending.acknowledged() > 2_000, 120_000)

    const before = new Set(sending.numbers)
    const file = join(await stage.folder('kept'), 'chaos.phasegate-backup')
    const beganBackup = performance.now()
    stage.say((await command(['backup', file], first.dataDirectory, plant)).trim())
    const backupSeconds = (performance.now() - beganBackup) / 1000
    await sending.stop()
    await first.kill('SIGKILL')

    const target = await stage.folder('restored')
    const began = performance.now()
    const restored = await command(['restore', file], target, null).catch((error: Error) => error)
    if (restored instanceof Error) {
      stage.say(restored.message)
      return { rounds: 1, figures: [{ says: 'restores that failed', value: 1, unit: '', holds: false }] }
    }
    const second = await stage.start({ dataDirectory: target })
    const rtoSeconds = (performance.now() - began) / 1000
    const there = await factsOf(second)
    const different = Object.keys(facts).filter((name) => facts[name] !== there[name])
    if (different.length > 0) stage.say(`different: ${different.join(', ')}`)
    const missing = seeded - (await countSeeded(second))
    return {
      rounds: 1,
      figures: [
        ...(await lostAndDoubled(second, before)),
        {
          says: `of ${seeded.toLocaleString('en-GB')} older events lost`,
          value: missing,
          unit: '',
          holds: missing === 0,
        },
        { says: 'answers of the API that differ', value: different.length, unit: '', holds: different.length === 0 },
        { says: 'backup', value: backupSeconds, unit: 's', holds: true },
        { says: 'restored and ready', value: rtoSeconds, unit: 's', holds: rtoSeconds * 1000 < rtoMs },
      ],
    }
  },
}

/** The command line itself, beside the service. */
async function command(words: string[], dataDirectory: string, plant: string | null): Promise<string> {
  const fault = plant === null ? undefined : plants[plant]
  const preload = fileURLToPath(new URL('../plants/backup-leaves-out.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...(fault === undefined ? [] : ['--import', pathToFileURL(preload).href]), 'bin/phasegate.ts', ...words],
    {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: {
        PATH: process.env.PATH ?? '',
        PHASEGATE_DATA: dataDirectory,
        ...(fault === undefined ? {} : { CHAOS_LEAVE_OUT: fault.table, CHAOS_ROWS: fault.rows }),
      },
      timeout: runLimitMs,
    },
  )
  return stdout
}

/** Events of the last days, as they stand after they came in. */
async function seed(installation: Installation, count: number): Promise<void> {
  await inDatabase(installation, async (client) => {
    await client.query(`select event_partition((now() - n * interval '1 day')::date) from generate_series(0, 10) n`)
    await client.query(
      `insert into event (service_id, id, time, received_at, name, journey, transaction, arm, flags, properties)
       select s.id, 'seed-' || n, now() - n * interval '0.8 s', now(), 'custom.seed', 'apply', 'transaction-' || n / 4, 'new',
         '{"permit": "new"}', json_build_object('page', '/address', 'n', n)
       from service s, generate_series(1, ${count}) n`,
    )
    await client.query(
      `insert into event_seen (key, service_id, day) select md5(id)::uuid, service_id, extract(epoch from time)::int / 86400
       from event where name = 'custom.seed'`,
    )
  })
}

async function countSeeded(installation: Installation): Promise<number> {
  return inDatabase(installation, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from event join event_seen on key = md5(id)::uuid where name = 'custom.seed'`,
    )
    return rows[0]?.n ?? 0
  })
}

async function inDatabase<T>({ dataDirectory }: Installation, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const host = socketFolderOf(join(dataDirectory, 'postgres'))
  const client = new pg.Client({ host, user: 'phasegate', database: 'phasegate' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function factsOf(installation: Installation): Promise<Record<string, string>> {
  const facts: Record<string, string> = {}
  for (const part of ['', '/history', '/admission', '/invitations']) {
    const { status, body } = await installation.api('GET', `/api/v1/services/${service}${part}`)
    facts[part || '/'] = `${status} ${JSON.stringify(body)}`.replaceAll(/127\.0\.0\.1:\d+/g, '')
  }
  return facts
}
