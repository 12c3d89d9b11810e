import { sql } from 'kysely'
import type { Platform } from './context.ts'

/** Recurring work. Of several processes on one database, one does it. */
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

/** All jobs at once would stand in the way of those who waited for the start to be over. */
const apartMs = 100

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
      for (const [index, job] of jobs.entries()) {
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
        const begin = () => {
          timers.push(setInterval(tick, job.seconds * 1000).unref())
          tick()
        }
        timers.push(setTimeout(begin, index * apartMs).unref())
      }
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await Promise.allSettled(running)
    },
  }
}

const leaseSeconds = 60
const renewMs = 15_000

/**
 * One process of all at a time, and once an interval, by the database's clock, since those of several machines differ. Who
 * begins holds the job for a minute and renews that while it lasts, so that a process that died gives it up by itself.
 */
async function runOnce(platform: Platform, job: Job): Promise<void> {
  if (!(await begin(platform, job))) return
  const renewing = setInterval(() => {
    hold(platform, job, leaseSeconds).catch((error: unknown) =>
      platform.log.warn({ err: error, job: job.name }, 'a job that runs could not say so'),
    )
  }, renewMs).unref()
  try {
    await job.work(platform)
  } finally {
    clearInterval(renewing)
    await hold(platform, job, 0)
  }
}

/** A tenth of the interval is for timers that come early. A time ahead is of a clock that was set back. */
async function begin({ db }: Platform, { name, seconds }: Job): Promise<boolean> {
  const { rows } = await sql`
    insert into job_run (name, started_at, held_until)
    values (${name}, clock_timestamp(), clock_timestamp() + ${leaseSeconds} * interval '1 second')
    on conflict (name) do update set started_at = excluded.started_at, held_until = excluded.held_until
      where (job_run.started_at <= clock_timestamp() - ${seconds} * interval '0.9 seconds'
          or job_run.started_at > clock_timestamp() + interval '1 minute')
        and (job_run.held_until <= clock_timestamp()
          or job_run.held_until > clock_timestamp() + 2 * ${leaseSeconds} * interval '1 second')
    returning name`.execute(db)
  return rows.length === 1
}

async function hold({ db }: Platform, { name }: Job, forSeconds: number): Promise<void> {
  await sql`update job_run set held_until = clock_timestamp() + ${forSeconds} * interval '1 second'
    where name = ${name}`.execute(db)
}
