import { sql } from 'kysely'
import type { Platform } from '../context.ts'
import type { App } from './app-type.ts'

export type PartState = { ok: boolean; says: string }
export type Probe = () => Promise<PartState> | PartState

/** `/health`: the process answers. `/ready`: what it needs is there, part by part. Neither needs the database to answer. */
export function healthRoutes(app: App, platform: Platform, probes: Record<string, Probe>): void {
  app.get(
    '/health',
    { schema: { summary: 'Alive', tags: ['Operations'] }, config: { rateLimit: false }, logLevel: 'warn' },
    async () => ({ status: 'alive' }),
  )
  app.get(
    '/ready',
    {
      schema: { summary: 'Ready, with the state of each part', tags: ['Operations'] },
      config: { rateLimit: false },
      logLevel: 'warn',
    },
    async (_request, reply) => {
      const parts: Record<string, PartState> = {
        database: await databaseState(platform),
        disk: diskState(platform),
        mail: mailState(platform),
      }
      if (app.drain.isOn) parts.instance = { ok: false, says: 'is ending; what still comes is answered' }
      for (const [name, probe] of Object.entries(probes)) parts[name] = await probe()
      // Pages and decisions need neither.
      const ready = Object.entries(parts).every(([name, { ok }]) => ok || name === 'mail' || name === 'mailIn')
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ status: ready ? 'ready' : 'not ready', parts })
    },
  )
}

async function databaseState({ db }: Platform): Promise<PartState> {
  const asked = sql`select 1`.execute(db).then(
    () => ({ ok: true, says: 'answers' }),
    () => ({ ok: false, says: 'does not answer' }),
  )
  const late = new Promise<PartState>((resolve) =>
    setTimeout(resolve, 1_000, { ok: false, says: 'does not answer within a second' }).unref(),
  )
  return Promise.race([asked, late])
}

function diskState({ disk, config }: Platform): PartState {
  const free = `${Math.floor(disk.freeBytes() / 1_048_576)} MB free`
  return disk.hasRoom()
    ? { ok: true, says: free }
    : { ok: false, says: `${free}: below ${config.reserveBytes / 1_048_576} MB new events are refused` }
}

function mailState({ mail, config }: Platform): PartState {
  if (mail.transport === 'files') {
    return config.publicUrl === null
      ? { ok: true, says: 'written to files (development)' }
      : { ok: false, says: 'not configured' }
  }
  return { ok: true, says: mail.transport }
}
