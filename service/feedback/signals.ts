import type { Queryable, Reading, Signal, SignalService, Window } from '../platform/index.ts'
import { findService } from '../services/index.ts'
import { countsIn, endingsAsked } from './reads.ts'

const hrefOf = (service: SignalService): string => `/services/${service.key}/feedback`

/** Under so many comments a share says nothing. */
const fewestForShare = 5

export const feedbackSignals: Signal[] = [
  {
    id: 'feedback.received',
    unit: 'count',
    says: 'answers from people who used the service',
    async read(db, service, window) {
      const { received } = await countsIn(db, service.id, window)
      if (received === 0) return { kind: 'no-data', href: hrefOf(service) }
      return value(received, received, service, window)
    },
  },
  {
    id: 'feedback.unanswered',
    unit: 'count',
    says: 'comments wait for a decision',
    async read(db, service, window) {
      const { comments, open } = await countsIn(db, service.id, window)
      if (comments === 0) return { kind: 'no-data', href: hrefOf(service) }
      return value(open, comments, service, window)
    },
  },
  {
    id: 'feedback.answered-share',
    unit: 'percent',
    says: 'of comments ended in a decision',
    async read(db, service, window) {
      const { comments, decided } = await countsIn(db, service.id, window)
      const href = hrefOf(service)
      if (comments === 0) return { kind: 'no-data', href }
      if (comments < fewestForShare) return { kind: 'too-few', n: comments, needed: fewestForShare, href }
      return value((100 * decided) / comments, comments, service, window)
    },
  },
  {
    id: 'feedback.accessibility-open',
    unit: 'count',
    says: 'undecided among complaints about a barrier',
    async read(db, service, window) {
      const { received, openAccess } = await countsIn(db, service.id, window)
      const href = `${hrefOf(service)}?accessibility=true&state=open`
      if (received === 0) return { kind: 'no-data', href }
      return { kind: 'value', value: openAccess, n: received, asOf: window.to, href }
    },
  },
  {
    id: 'feedback.end-points-with-prompt',
    unit: 'percent',
    says: 'of end points ask for feedback, refusals and errors included',
    read: readPrompts,
  },
]

/** FEED-13: of the end points that were served, those that showed the question or were answered at. */
async function readPrompts(db: Queryable, service: SignalService, window: Window): Promise<Reading> {
  const href = `${hrefOf(service)}#end-points`
  const found = await findService(db, service.key)
  const known = new Set(found?.journeys.flatMap(({ id, endings }) => endings.map((ending) => `${id} ${ending.id}`)))
  const seen = (await endingsAsked(db, service.id, window)).filter(
    ({ arm, journey, ending }) => arm === 'new' && known.has(`${journey} ${ending}`),
  )
  if (seen.length === 0) return { kind: 'no-data', href }
  const asking = seen.filter(({ askedAt, answers }) => askedAt !== null || answers > 0).length
  return { kind: 'value', value: (100 * asking) / seen.length, n: seen.length, asOf: window.to, href }
}

function value(figure: number, n: number, service: SignalService, window: Window): Reading {
  return { kind: 'value', value: figure, n, asOf: window.to, href: hrefOf(service) }
}
