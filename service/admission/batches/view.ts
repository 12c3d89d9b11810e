import type { RawBuilder } from 'kysely'
import { may, Refusal, type Context, type Queryable } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import type { Places } from '../admission.ts'
import { csvBegin, csvLine } from '../csv.ts'
import { readPlaces } from '../store.ts'
import { badOutcomes, outcomeWords, type Batch, type BatchPerson, type LineOutcome } from './batch.ts'
import { acceptedUnits, batchFunnel, batchPeople, countOutcomes, type BatchFunnel } from './reads.ts'
import { resultColumns } from './list-lines.ts'
import { findBatch } from './store.ts'

/** What measuring knows of people: how many of these units used the new service, and how many completed something in it. */
export type UsesOf = (db: Queryable, serviceId: string, units: RawBuilder<{ unit: string }>) => Promise<Uses>
export interface Uses {
  used: number
  completed: number
}

export interface BatchView {
  batch: Batch
  counts: Partial<Record<LineOutcome, number>>
  funnel: BatchFunnel
  /** Only of people whose unit may enter the figures. */
  uses: Uses
  /** Null for whoever may invite but not see people. */
  people: BatchPerson[] | null
  places: Places
}

const shown = 50

export async function readBatch(ctx: Context, service: Service, id: string, usesOf: UsesOf): Promise<BatchView> {
  const { db, clock } = ctx
  const batch = await findBatch(db, service.id, id)
  if (batch === null) throw new Refusal('not-found')
  const [counts, funnel, uses, people, places] = await Promise.all([
    countOutcomes(db, id),
    batchFunnel(db, id, clock.now()),
    usesOf(db, service.id, acceptedUnits(id)),
    (await may(ctx, 'admission.people', service.id)) ? batchPeople(db, id, { after: -1, limit: shown }) : null,
    readPlaces(db, service.id, clock.now()),
  ])
  return { batch, counts, funnel, uses, people, places }
}

/** A result for every line, or only the lines that somebody has to correct; a part at a time (ADM-45). */
export async function* resultsCsv(db: Queryable, batchId: string, only: 'all' | 'bad'): AsyncGenerator<string> {
  const outcomes = only === 'bad' ? { outcomes: badOutcomes } : {}
  let names: string[] | null = null
  for (let after = -1; ;) {
    const people = await batchPeople(db, batchId, { after, limit: 1_000, ...outcomes })
    if (names === null) {
      names = [...new Set(people.flatMap(({ attributes }) => Object.keys(attributes ?? {})))]
      yield csvBegin + csvLine([...resultColumns, ...names])
    }
    const columns = names
    yield people
      .map(({ position, address, line, outcome, attributes }) =>
        csvLine([
          ...[position, address ?? line, outcome, outcomeWords[outcome]],
          ...columns.map((name) => attributes?.[name] ?? ''),
        ]),
      )
      .join('')
    const last = people.at(-1)
    if (last === undefined || people.length < 1_000) return
    after = last.position
  }
}
