import { sql } from 'kysely'
import type { Platform } from './context.ts'

/** Recurring work. Each run holds a lock in the database, so that of several processes one does it. */
export interface Jobs {
  every(name: string, seconds: number, work: (platform: Platform) => Promise<void>): void
  start(platform: Platform): void
  /** Runs one job now, due or not. */
  now(name: string, platform: Platform): Promise<void>
  stop(): Promise<void>
}

interface Job {
  name: string
  seconds: number
  work: (platform: Platform) => Promise<void>
}

export function createJobs(): Jobs {
  const jobs: Job[] = []
  const timers: NodeJS.Timeout[] = []
  const running = new Set<Promise<void>>()
  return {
    every(name, seconds, work) {
      jobs.push({ name, seconds, work })
    },
    async now(name, platform) {
      const job = jobs.find((each) => each.name === name)
      if (job === undefined) throw new Error(`There is no job ${name}`)
      await job.work(platform)
    },
    start(platform) {
      for (const job of jobs) {
        let busy = false
        const turn = async () => {
          if (busy) return
          busy = true
          await runOnce(platform, job).catch((error: unknown) =>
            platform.log.error({ err: error, job: job.name }, 'job failed'),
          )
          busy = false
        }
        const tick = () => {
          const run = turn()
          running.add(run)
          void run.finally(() => running.delete(run))
        }
        timers.push(setInterval(tick, job.seconds * 1000).unref())
        setImmediate(tick)
      }
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await Promise.allSettled(running)
    },
  }
}

/** The row says when the job last began: a second process that comes within the interval leaves it. */
async function runOnce(platform: Platform, job: Job): Promise<void> {
  const now = platform.clock.now()
  const due = new Date(now.getTime() - job.seconds * 900)
  const { rows } = await sql<{ name: string }>`
    insert into job_run (name, started_at) values (${job.name}, ${now})
    on conflict (name) do update set started_at = excluded.started_at
      where job_run.started_at <= ${due} or job_run.started_at > ${now}
    returning name`.execute(platform.db)
  if (rows.length === 1) await job.work(platform)
}
