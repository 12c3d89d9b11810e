import { sql } from 'kysely'
import type { Queryable } from '../platform/index.ts'

export async function putLegacyCheck(
  db: Queryable,
  serviceId: string,
  at: Date,
  problem: string | null,
): Promise<void> {
  const hour = new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000)
  const passed = problem === null
  await sql`insert into legacy_check (service_id, hour, checks, passed, last_at, last_passed, last_problem)
    select id, ${hour}, 1, ${passed ? 1 : 0}, ${at}, ${passed}, ${problem} from service where id = ${serviceId}
    on conflict (service_id, hour) do update set checks = legacy_check.checks + 1, passed = legacy_check.passed + excluded.passed,
      last_at = excluded.last_at, last_passed = excluded.last_passed, last_problem = excluded.last_problem`.execute(db)
}
