import {
  readTogether,
  type Queryable,
  type Reading,
  type Signal,
  type SignalService,
  type Window,
} from '../platform/index.ts'
import { stageIds, stageOf } from '../features/index.ts'
import { compareErrors, compareSatisfaction, type Comparison } from './comparison.ts'
import { learnedOf, learnedOfEach, type Learned } from './learning-store.ts'
import { countUnanswered } from './message-store.ts'
import { countTestimonials } from './testimonial-store.ts'
import { usersOf } from './usage-store.ts'

/**
 * Of the one feature whose gate asks, or of all features of a service that have a beta together. Where there is nothing to
 * count there is no data, which is never zero (P6).
 */
const of = ({ id, feature }: SignalService) => ({ serviceId: id, featureId: feature?.id })

function href({ key, feature }: SignalService, page: string): string {
  return `/services/${key}/features${feature === undefined ? '' : `/${feature.key}/${page}`}`
}

function learned(
  wanted: Pick<Signal, 'id' | 'unit' | 'says' | 'one'>,
  pick: (learned: Learned) => { value: number; n: number | null } | null,
): Signal {
  return {
    ...wanted,
    of: 'feature',
    async read(db, service, window): Promise<Reading> {
      const found = pick(await learnedOf(db, of(service)))
      const page = href(service, 'learning')
      return found === null ? { kind: 'no-data', href: page } : { kind: 'value', ...found, asOf: window.to, href: page }
    },
  }
}

async function unanswered(db: Queryable, service: SignalService, at: Date): Promise<Reading> {
  const { rooms, unanswered: value } = await countUnanswered(db, of(service))
  const page = href(service, 'room')
  return rooms === 0 ? { kind: 'no-data', href: page } : { kind: 'value', value, n: null, asOf: at, href: page }
}

const testersUsed: Signal = {
  id: 'rooms.testers-used',
  unit: 'count',
  says: 'testers used it, as far as they agreed that this is seen',
  one: 'tester used it, as far as they agreed that this is seen',
  of: 'feature',
  async read(db, service, { from, to }): Promise<Reading> {
    const { agreed, used: value } = await usersOf(db, of(service), from)
    const page = href(service, 'learning')
    return agreed === 0 ? { kind: 'no-data', href: page } : { kind: 'value', value, n: agreed, asOf: to, href: page }
  },
}

const byStage: Signal[] = stageIds.flatMap((id) => {
  const stage = stageOf(id).name.toLowerCase()
  const counted = (kind: 'found' | 'introduced', says: string, one: string): Signal =>
    learned(
      { id: `rooms.defects-${kind}-${id}`, unit: 'count', says: `${says} ${stage}`, one: `${one} ${stage}` },
      (all) => (all.features === 0 ? null : { value: all[kind][id] ?? 0, n: all.defects }),
    )
  return [
    counted('found', 'defects were found in', 'defect was found in'),
    counted('introduced', 'defects came in with', 'defect came in with'),
  ]
})

/** ROOM-14: nobody of a beta was drawn by lot (STA-8), and the words say so. */
const noProof = 'they were invited, so this compares two groups and proves no cause'

function compared(
  signal: Pick<Signal, 'id' | 'unit' | 'says' | 'difference'>,
  read: (db: Queryable, of: { serviceId: string; featureId: string }, window: Window) => Promise<Comparison>,
): Signal {
  return {
    ...signal,
    warns: noProof,
    of: 'feature',
    async read(db, service, window): Promise<Reading> {
      const page = `${href(service, 'learning')}#comparison`
      if (service.feature === undefined) return { kind: 'no-data', href: page }
      const found = await read(db, { serviceId: service.id, featureId: service.feature.id }, window)
      const { name: definition, difference } = found
      if (difference.kind !== 'value') return { ...difference, href: page }
      const { value, low, high } = difference
      const interval = low === null || high === null ? {} : { low, high }
      const n = found.with.people + found.without.people
      return { kind: 'value', value, n, ...interval, definition, asOf: window.to, href: page }
    },
  }
}

const againstOthers: Signal[] = [
  compared(
    {
      id: 'rooms.errors-against-others',
      unit: 'count',
      says: 'error pages in 1,000, with it against without it',
      difference: {
        unit: 'per-thousand',
        than: 'error pages with it than without it',
        none: 'in error pages, with it and without it',
      },
    },
    (db, { featureId }, window) => compareErrors(db, featureId, window),
  ),
  compared(
    {
      id: 'rooms.satisfaction-against-others',
      unit: 'count',
      says: 'satisfaction with it against without it',
      difference: {
        unit: 'points',
        than: 'satisfaction with it than without it',
        none: 'in satisfaction, with it and without it',
      },
    },
    compareSatisfaction,
  ),
]

/** At the gate of a service: what the betas of its features found counts for it, too. */
const seriousAnywhere: Signal = {
  id: 'rooms.defects-serious-open-anywhere',
  unit: 'count',
  says: 'critical or major defects are open in the betas of its features',
  one: 'critical or major defect is open in the betas of its features',
  async read(db, service, { look, to }): Promise<Reading> {
    const found = await readTogether(look, service, 'learned', (ids) => learnedOfEach(db, ids))
    const page = `/services/${service.key}/features`
    const [sums] = found ?? []
    if (sums === undefined || sums.features === 0) return { kind: 'no-data', href: page }
    const { seriousOpen, defects } = sums
    return { kind: 'value', value: seriousOpen, n: defects, asOf: to, href: page }
  },
}

export const roomsSignals: Signal[] = [
  learned(
    {
      id: 'rooms.unknowns-open',
      unit: 'count',
      says: 'unknowns of the beta are still open',
      one: 'unknown of the beta is still open',
    },
    (all) => (all.unknowns === 0 ? null : { value: all.unknownsOpen, n: all.unknowns }),
  ),
  learned(
    { id: 'rooms.need-answered', unit: 'yes-no', says: 'whether the need was misread is answered' },
    ({ features, needAnswered }) => (features === 0 ? null : { value: needAnswered === features ? 1 : 0, n: features }),
  ),
  learned(
    { id: 'rooms.need-missed', unit: 'yes-no', says: 'the need was misread, by the last answer' },
    ({ needAnswered, needMissed }) => (needAnswered === 0 ? null : { value: needMissed > 0 ? 1 : 0, n: needAnswered }),
  ),
  {
    id: 'rooms.unanswered',
    unit: 'count',
    says: 'messages of testers wait for an answer',
    one: 'message of a tester waits for an answer',
    of: 'feature',
    read: (db, service, window) => unanswered(db, service, window.to),
  },
  learned({ id: 'rooms.defects-open', unit: 'count', says: 'defects are open', one: 'defect is open' }, (all) =>
    all.features === 0 ? null : { value: all.defectsOpen, n: all.defects },
  ),
  learned(
    {
      id: 'rooms.defects-serious-open',
      unit: 'count',
      says: 'critical or major defects are open',
      one: 'critical or major defect is open',
    },
    (all) => (all.features === 0 ? null : { value: all.seriousOpen, n: all.defects }),
  ),
  seriousAnywhere,
  ...againstOthers,
  testersUsed,
  ...byStage,
  {
    id: 'rooms.testimonials',
    unit: 'count',
    says: 'people agreed to be quoted',
    one: 'person agreed to be quoted',
    of: 'feature',
    read: async (db, service, window) => ({
      kind: 'value',
      value: (await countTestimonials(db, of(service))).approved,
      n: null,
      asOf: window.to,
      href: href(service, 'testimonials'),
    }),
  },
]
