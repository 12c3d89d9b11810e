import pg from 'pg'
import type { Stage } from './scenario.ts'

/** Each run of each recurring job, by the database's own clock. */
export interface JobLog {
  /** Runs that began sooner after the one before than the interval of their job allows. */
  tooSoon(): Promise<number>
  runs(): Promise<number>
}

/** A tenth less than the interval counts as one, as timers go. */
const shortest = 0.85

export async function watchJobs(stage: Stage, databaseUrl: string, intervals: Record<string, number>): Promise<JobLog> {
  const client = new pg.Client(databaseUrl)
  client.on('error', () => {})
  await client.connect()
  stage.onEnd(() => client.end().catch(() => {}))
  await client.query(`
    create table rig_job (name text, at timestamptz);
    create function rig_job_ran() returns trigger language plpgsql as $$ begin
      insert into rig_job values (new.name, clock_timestamp());
      return new;
    end $$;
    create trigger rig_job after insert or update of started_at on job_run for each row execute function rig_job_ran();
  `)
  return {
    async runs() {
      const { rows } = await client.query<{ n: number }>('select count(*)::int as n from rig_job')
      return rows[0]?.n ?? 0
    },
    async tooSoon() {
      const { rows } = await client.query<{ name: string; seconds: number }>(`
        select name, extract(epoch from at - lag(at) over (partition by name order by at))::float as seconds from rig_job`)
      return rows.filter(({ name, seconds }) => {
        const interval = intervals[name]
        return interval !== undefined && seconds !== null && seconds < interval * shortest
      }).length
    },
  }
}
