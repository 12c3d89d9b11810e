import { sql } from 'kysely'
import type { Queryable } from '../platform/index.ts'

export interface BannerProbe {
  page: string
  probedAt: Date
  /** The label of the phase. */
  expected: string
  outcome: 'seen' | 'missing' | 'other-label' | 'not-reached'
  detail: string
}

export async function replaceProbes(db: Queryable, serviceId: string, probes: readonly BannerProbe[]): Promise<void> {
  const pages = probes.map(({ page }) => page)
  await sql`delete from banner_probe where service_id = ${serviceId} and page <> all(${pages}::text[])`.execute(db)
  for (const { page, probedAt, expected, outcome, detail } of probes) {
    await sql`insert into banner_probe (service_id, page, probed_at, expected, outcome, detail)
      values (${serviceId}, ${page}, ${probedAt}, ${expected}, ${outcome}, ${detail})
      on conflict (service_id, page) do update set probed_at = excluded.probed_at, expected = excluded.expected,
        outcome = excluded.outcome, detail = excluded.detail`.execute(db)
  }
}

/** What the last probe of each journey page read, in the order of the pages' names. */
export async function bannerProbes(db: Queryable, serviceId: string): Promise<BannerProbe[]> {
  const { rows } = await sql<BannerProbe>`select page, probed_at as "probedAt", expected, outcome, detail
    from banner_probe where service_id = ${serviceId} order by page`.execute(db)
  return rows
}
