import { createRandom } from '../random.ts'
import { journey } from './journey.ts'
import { deskKey, featureKey } from './site.ts'

/** One person's last day, in the shapes of `POST /api/v1/events` and `POST /api/v1/feedback`. */
export interface Day {
  events: object[]
  answer: object | null
}

interface Person {
  unit: string
  /** Whether Desk shows them messages by customer. */
  has: boolean
  /** Of the one answer that they sent last and that failed, or of none. */
  fails: boolean
  /** How satisfied they were, 1 to 5, where they said so. */
  rating: number | null
  lastAt: Date
}

const othersCount = 45
const messagesADay = 9
const secondMs = 1_000
const minuteMs = 60 * secondMs
const betweenMs = 10 * minuteMs
/** So that everything lies within the last 24 hours, with an end before now. */
const spreadMs = 22 * 60 * minuteMs
const newestMs = 5 * minuteMs

/** Which ratings follow each other among those with the feature and those without it, and whose day has a failure. */
const sides = {
  with: { ratings: [5, 4, 5, 5, 4, 4, 5, 4, 2, 5, 4, 5, 5, 4, 5, null], failsEvery: 30 },
  without: { ratings: [4, 4, 2, 5, 4, null, 4, 4, 4, 5, 3, null], failsEvery: 5 },
} as const

/** People of Desk's other customers, by opaque ids. */
export function others(): string[] {
  const random = createRandom(28)
  return Array.from({ length: othersCount }, () => random.hex(11))
}

/** The last day of everybody: nine messages each, and from most of them how satisfied they were. */
export function daysOf(now: Date, people: Record<keyof typeof sides, readonly string[]>): Day[] {
  const random = createRandom(40)
  return (['with', 'without'] as const).flatMap((side) => {
    const { ratings, failsEvery } = sides[side]
    return people[side].map((unit, index) =>
      dayOf({
        unit,
        has: side === 'with',
        fails: index % failsEvery === 0,
        rating: ratings[index % ratings.length] ?? null,
        lastAt: new Date(now.getTime() - newestMs - random.between(0, spreadMs - messagesADay * betweenMs)),
      }),
    )
  })
}

function dayOf({ unit, has, fails, rating, lastAt }: Person): Day {
  const event = (id: string, ms: number, what: object) => ({
    id: `${unit}-${id}`,
    time: new Date(lastAt.getTime() - ms).toISOString(),
    service: deskKey,
    unit,
    arm: 'new',
    ...what,
  })
  const byGateway = {
    channel: 'digital',
    device: 'desktop',
    properties: { assigned: 'new', served: 'new', rung: 'default' },
  }
  const visits = Array.from({ length: messagesADay }, (_, back) => {
    const ms = back * betweenMs
    const about = { ...byGateway, journey: journey.id, transaction: `${unit}-${back}` }
    const ending =
      fails && back === 0 ? { step: 'problem', outcome: 'failed' } : { step: 'answered', outcome: 'completed' }
    return [
      event(`${back}-start`, ms + 2 * minuteMs, { ...about, name: 'start' }),
      // By the application: what it decided for this person when it showed the inbox.
      event(`${back}-inbox`, ms + 2 * minuteMs, { name: 'custom.inbox-opened', flags: { [featureKey]: has } }),
      event(`${back}-message`, ms + minuteMs, { ...about, name: 'step', step: 'message' }),
      event(`${back}-end`, ms, { ...about, ...ending, name: 'end' }),
    ]
  })
  const first = event('exposure', messagesADay * betweenMs, { ...byGateway, name: 'exposure' })
  const said = { service: deskKey, id: `${unit}-answer`, unit, arm: 'new', rating, journey: journey.id }
  const answer = { ...said, ending: fails ? 'problem' : 'answered', time: lastAt.toISOString() }
  return { events: [first, ...visits.flat()], answer: rating === null ? null : answer }
}
