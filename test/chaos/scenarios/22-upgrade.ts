import { execFile } from 'node:child_process'
import { readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { startEmbedded } from '../../../service/platform/database/embedded.ts'
import { newSecretKey } from '../../../service/platform/secret-box.ts'
import { databaseUrl } from '../../support/command-line.ts'
import { addService, sendEvents, service } from '../events.ts'
import { CannotBeTried, DidNotStart, type Installation, type Scenario, type Stage } from '../scenario.ts'
import { until } from '../../support/until.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)
const loadMs = 10_000
const leastRequests = 50

const plants = {
  drops: 'the migration takes away a column that the release before uses',
  unseen: 'a database newer than the program looks like one that it may work on',
}

export const scenario: Scenario = {
  promise: 22,
  title: 'The release before works on the schema of the new one, migrated under its load; a newer database is refused',
  reach: '0 server errors at the release before and at the new one; a clear refusal beyond',
  plants: Object.values(plants),
  async run(stage, plant) {
    const before = await releaseBefore(stage)
    const log = { info: () => {}, warn: stage.say, error: stage.say }
    const postgres = await startEmbedded({ dataDirectory: await stage.folder('database'), log, ballastBytes: 0 })
    stage.onEnd(() => postgres.stop())
    const env = { DATABASE_URL: databaseUrl(postgres.connection), PHASEGATE_SECRET_KEY: newSecretKey() }
    const database = new pg.Client(postgres.connection)
    await database.connect()
    stage.onEnd(() => database.end())

    const old = await stage.start({ env, code: before.folder })
    await addService(old)
    const oldLoad = putUnderLoad(old, stage.say)
    await pause(loadMs / 2)
    const migratedFrom = await newestMigration(database)
    const next = await stage.start({ env })
    const migratedTo = await newestMigration(database)
    stage.say(`${before.commit.slice(0, 10)}, migrated under its load from ${migratedFrom} to ${migratedTo}`)
    if (plant === plants.drops) await database.query('alter table service rename column summary to abstract')
    const nextLoad = putUnderLoad(next, stage.say)
    await until('the new release has answered', () => nextLoad.requests() > leastRequests, 120_000)
    await pause(loadMs)
    const [oldErrors, nextErrors] = [await oldLoad.stop(), await nextLoad.stop()]

    await old.kill('SIGTERM')
    const again = await startsAgain(old, before.folder)
    await next.kill('SIGTERM')
    const least = plant === plants.unseen ? 0 : null
    await database.query(
      `insert into schema_migration (number, name, checksum, works_with) values (9999, '9999-from-the-future', 'x', $1)`,
      [least],
    )
    const isRefused = await refusesNewer(() => stage.start({ env }))
    return {
      rounds: 1,
      figures: [
        {
          says: 'requests to the release before',
          value: oldLoad.requests(),
          unit: '',
          holds: oldLoad.requests() > leastRequests,
        },
        { says: 'of them server errors or no answer', value: oldErrors, unit: '', holds: oldErrors === 0 },
        {
          says: 'requests to the new release',
          value: nextLoad.requests(),
          unit: '',
          holds: nextLoad.requests() > leastRequests,
        },
        { says: 'of them server errors or no answer', value: nextErrors, unit: '', holds: nextErrors === 0 },
        { says: 'migrations under load', value: migratedTo - migratedFrom, unit: '', holds: migratedTo > migratedFrom },
        { says: 'new starts of the release before that failed', value: Number(!again), unit: '', holds: again },
        { says: 'newer databases not refused', value: Number(!isRefused), unit: '', holds: isRefused },
      ],
    }
  },
}

/** The code as it stood before the newest migration came, from the history of the repository. */
async function releaseBefore(stage: Stage): Promise<{ folder: string; commit: string }> {
  const newest = (await readdir(join(project, 'database', 'migrations'))).toSorted().at(-1) ?? ''
  const git = async (...args: string[]) => (await run('git', args, { cwd: project })).stdout.trim()
  try {
    const added = await git('log', '--diff-filter=A', '--format=%H', '-1', '--', `database/migrations/${newest}`)
    const commit = await git('rev-parse', `${added}^`)
    const folder = await stage.folder('before')
    await run('sh', ['-c', `git archive ${commit} | tar -x -C "$0"`, folder], { cwd: project })
    await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
    return { folder, commit }
  } catch (cause) {
    // A clone without its history, or no git.
    throw new CannotBeTried(`The history of the repository is not here: ${(cause as Error).message}`)
  }
}

/** Reads, events and acts that write history, one after the other. */
function putUnderLoad(installation: Installation, say: (line: string) => void) {
  const events = sendEvents(installation, { senders: 1, batch: 20 })
  let requests = 0
  const errors = new Map<string, number>()
  const count = (what: string, times = 1) => errors.set(what, (errors.get(what) ?? 0) + times)
  let stopped = false
  const asking = (async () => {
    for (let turn = 0; !stopped; turn += 1) {
      const key = `made-${installation.pid}-${turn}`
      const asked: [string, string, unknown?][] = [
        ['GET', `/api/v1/services/${service}`],
        ['GET', `/api/v1/services/${service}/history`],
        ['GET', `/api/v1/services/${service}/admission`],
        [
          'POST',
          '/api/v1/services',
          { key, name: key, host: `${key}.example.org`, newUrl: 'http://127.0.0.1:9', phase: 'private-beta' },
        ],
        ['POST', `/api/v1/services/${key}/halt`, { reason: 'Under load' }],
      ]
      for (const [method, path, body] of asked) {
        requests += 1
        const { status, body: said } = await installation.api(method, path, body).catch((error: Error) => ({
          ...{ status: 0, body: { code: error.message } },
        }))
        if (status === 0 || status >= 500) count(`${method} ${path.replace(key, ':key')} ${status} ${said?.code}`)
      }
    }
  })()
  return {
    requests: () => requests + [...events.statuses.values()].reduce((sum, times) => sum + times, 0),
    async stop(): Promise<number> {
      stopped = true
      await Promise.all([asking, events.stop()])
      for (const [status, times] of events.statuses)
        if (status === 0 || status >= 500) count(`POST /api/v1/events ${status}`, times)
      for (const [what, times] of [...errors, ...events.reasons]) say(`${times} × ${what}`)
      if (errors.size > 0)
        for (const line of installation.output().matchAll(/^.*database: .*$/gm)) say(line[0].slice(0, 300))
      return [...errors.values()].reduce((sum, times) => sum + times, 0)
    },
  }
}

/** MIG-3: it works, or, where it is from before that rule, it says why it does not. */
async function startsAgain(installation: Installation, folder: string): Promise<boolean> {
  const code = await readFile(join(folder, 'service', 'platform', 'database', 'migrate.ts'), 'utf8')
  try {
    await installation.restart()
    return (await installation.api('GET', `/api/v1/services/${service}/history`)).status === 200
  } catch (error) {
    return !code.includes('works_with') && isClearRefusal(error)
  } finally {
    await installation.kill('SIGTERM').catch(() => {})
  }
}

function isClearRefusal(error: unknown): boolean {
  return error instanceof DidNotStart && error.code === 1 && /newer than this Phasegate/.test(error.output)
}

async function newestMigration(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ n: number }>('select max(number) as n from schema_migration')
  return rows[0]?.n ?? 0
}

async function refusesNewer(start: () => Promise<Installation>): Promise<boolean> {
  try {
    await (await start()).kill('SIGKILL')
    return false
  } catch (error) {
    return isClearRefusal(error)
  }
}
