import { sql } from 'kysely'
import { rowsOfEach, type Queryable } from '../platform/index.ts'

/** An end point that was really served, and when it last asked the five-point question. */
export interface EndingServed {
  journey: string
  ending: string
  arm: 'current' | 'new'
  lastAt: Date
  questionAt: Date | null
}

/** The end points served since a moment, as the gateway saw them: with the question or without. */
export function endingsServed(
  db: Queryable,
  serviceIds: readonly string[],
  since: Date,
): Promise<Map<string, EndingServed[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<EndingServed>`
      select journey, page as ending, arm, max(last_at) as "lastAt",
        max(question_at) filter (where question_at >= ${since}) as "questionAt"
      from page_seen
      where service_id = ${id} and kind = 'end' and arm in ('current', 'new') and last_at >= ${since}
      group by journey, page, arm`,
  )
}

/** A page of a journey as people of the new service got it: `page` is empty for the start, else the step or ending. */
export interface PageServed {
  journey: string
  kind: 'start' | 'step' | 'end'
  page: string
  lastAt: Date
  /** When it last carried the phase banner. */
  bannerAt: Date | null
}

export async function pagesServed(db: Queryable, serviceId: string, since: Date): Promise<PageServed[]> {
  const { rows } = await sql<PageServed>`
    select journey, kind, page, max(last_at) as "lastAt", max(banner_at) as "bannerAt"
    from page_seen
    where service_id = ${serviceId} and kind in ('start', 'step', 'end') and arm = 'new' and last_at >= ${since}
    group by journey, kind, page`.execute(db)
  return rows
}
