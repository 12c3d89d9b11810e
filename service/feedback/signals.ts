import {
  inWindow,
  readTogether,
  type Queryable,
  type Reading,
  type Signal,
  type SignalService,
  type Window,
} from '../platform/index.ts'
import { servicesById } from '../services/index.ts'
import { countsIn, endingsAsked, type FeedbackCounts } from './reads.ts'

const hrefOf = (service: SignalService): string => `/services/${service.key}/feedback`

/** Under so many comments a share says nothing. */
const fewestForShare = 5

export const feedbackSignals: Signal[] = [
  {
    id: 'feedback.received',
    unit: 'count',
    says: 'answers from people who used the service',
    one: 'answer from somebody who used the service',
    async read(db, service, window) {
      const { received } = await countsOf(db, service, window)
      if (received === 0) return { kind: 'no-data', href: hrefOf(service) }
      return value(received, received, service, window)
    },
  },
  {
    id: 'feedback.unanswered',
    unit: 'count',
    says: 'comments wait for a decision',
    one: 'comment waits for a decision',
    async read(db, service, window) {
      const { comments, open } = await countsOf(db, service, window)
      if (comments === 0) return { kind: 'no-data', href: hrefOf(service) }
      return value(open, comments, service, window)
    },
  },
  {
    id: 'feedback.answered-share',
    unit: 'percent',
    says: 'of comments ended in a decision',
    async read(db, service, window) {
      const { comments, decided } = await countsOf(db, service, window)
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
      const { received, openAccess } = await countsOf(db, service, window)
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

async function countsOf(db: Queryable, service: SignalService, window: Window): Promise<FeedbackCounts> {
  const counts = await readTogether(window.look, service, inWindow('feedback', window), (ids) =>
    countsIn(db, ids, window),
  )
  return counts ?? { received: 0, comments: 0, decided: 0, open: 0, openAccess: 0 }
}

/** FEED-13: of the end points that were served, those that showed the question or were answered at. */
async function readPrompts(db: Queryable, service: SignalService, window: Window): Promise<Reading> {
  const href = `${hrefOf(service)}#end-points`
  const found = await readTogether(window.look, service, 'services', (ids) => servicesById(db, ids))
  const known = new Set(found?.journeys.flatMap(({ id, endings }) => endings.map((ending) => `${id} ${ending.id}`)))
  const asked = await readTogether(window.look, service, inWindow('endings asked', window), (ids) =>
    endingsAsked(db, ids, window),
  )
  const seen = (asked ?? []).filter(
    ({ arm, journey, ending, servedAt, answersByQuestion }) =>
      arm === 'new' && known.has(`${journey} ${ending}`) && (servedAt !== null || answersByQuestion > 0),
  )
  if (seen.length === 0) return { kind: 'no-data', href }
  const asking = seen.filter(({ askedAt, answersByQuestion }) => askedAt !== null || answersByQuestion > 0).length
  return { kind: 'value', value: (100 * asking) / seen.length, n: seen.length, asOf: window.to, href }
}

function value(figure: number, n: number, service: SignalService, window: Window): Reading {
  return { kind: 'value', value: figure, n, asOf: window.to, href: hrefOf(service) }
}
