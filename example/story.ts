import { comments } from './comments.ts'
import { createRandom } from './random.ts'
import type { Random } from './random.ts'

/** One person's way through the service, as it will be told to the API. */
export interface Application {
  arm: Arm
  transaction: string
  device: 'mobile' | 'desktop'
  startedAt: Date
  steps: { step: string; at: Date }[]
  end: { ending: Ending; outcome: 'completed' | 'refused' | 'failed'; at: Date } | null
  feedback: { rating: number; comment: string | null; at: Date } | null
}

type Ending = 'done' | 'not-eligible' | 'error'
type Arm = 'current' | 'new'
type Way = Ending | 'left'

export const days = 47
const dayMs = 86_400_000

const order = {
  current: ['conditions', 'vehicle', 'length', 'address', 'check'],
  new: ['address', 'vehicle', 'length', 'check'],
}

/** Seconds that half of the people need for one page. */
const paceSeconds = { current: 62, new: 34 }

/** Monday to Sunday: most people deal with their council at the start of the week. */
const weekday = [1.25, 1.2, 1.1, 1, 0.9, 0.65, 0.6]

/** Share of a day's applications by hour: a rise before work, at lunch and in the evening. */
const hours = [1, 1, 0, 0, 0, 1, 2, 5, 7, 7, 6, 6, 8, 8, 6, 5, 5, 6, 7, 8, 8, 6, 4, 2]

/** Everything that happened in both versions between `days` ago and `now`, oldest first. */
export function applications(now: Date, seed = 47): Application[] {
  const random = createRandom(seed)
  const luck = { current: evenly(random.next()), new: evenly(random.next()) }
  const all: Application[] = []
  for (let day = 0; day <= days; day++) {
    const midnight = new Date(Math.floor(now.getTime() / dayMs) * dayMs - (days - day) * dayMs)
    const busy = weekday[(midnight.getUTCDay() + 6) % 7] ?? 1
    // The beta grows as more people are invited; what it gains, the current service loses.
    const counts = { current: Math.round((60 - day * 0.35) * busy), new: Math.round((6 + day * 0.55) * busy) }
    for (const arm of ['current', 'new'] as const) {
      for (let index = 0; index < counts[arm]; index++) all.push(apply(random, arm, day, midnight, luck[arm]()))
    }
  }
  const cut = now.getTime() - 60_000
  const past = all
    .filter((application) => lastMoment(application) < cut)
    .sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
  rate(past)
  return past
}

function apply(random: Random, arm: Arm, day: number, midnight: Date, luck: number): Application {
  const startedAt = new Date(midnight.getTime() + hourOf(random) * 3_600_000 + random.between(0, 3_599_999))
  const way = wayOf(random, arm, day, luck)
  const pages = order[arm]
  const last = {
    done: pages.length,
    error: arm === 'new' ? 1 : random.between(4, 5),
    'not-eligible': arm === 'new' ? 1 : 4,
    left: random.between(0, pages.length - 1),
  }[way]
  let at = startedAt.getTime()
  const steps = pages.slice(0, last).map((step) => {
    at += pause(random, arm)
    return { step, at: new Date(at) }
  })
  const base = {
    arm,
    transaction: random.hex(12),
    device: random.chance(0.58) ? 'mobile' : 'desktop',
    startedAt,
    steps,
  } as const
  if (way === 'left') return { ...base, end: null, feedback: null }
  at += pause(random, arm)
  const outcome = ({ done: 'completed', 'not-eligible': 'refused', error: 'failed' } as const)[way]
  const ratedAt = whenRated(random, arm, at)
  const feedback = ratedAt === null ? null : { rating: 3, comment: null, at: ratedAt }
  return { ...base, end: { ending: way, outcome, at: new Date(at) }, feedback }
}

/** Spread over 0 to 1 without heaps (by the golden ratio), so that any month of the story has the shares that it tells of. */
function evenly(from: number): () => number {
  let at = from
  return () => (at = (at + 0.618033988749895) % 1)
}

function wayOf(random: Random, arm: Arm, day: number, luck: number): Way {
  // Current stays at 72 %; the new one climbs from 79 % to 88 % while the team improves it.
  const ends = arm === 'current' ? 0.72 : 0.79 + (0.09 * day) / days
  if (luck < ends) return random.chance(arm === 'current' ? 0.09 : 0.1) ? 'not-eligible' : 'done'
  const fails = arm === 'current' ? 0.06 : 0.02
  return luck < ends + fails ? 'error' : 'left'
}

function pause(random: Random, arm: Arm): number {
  return Math.round(Math.min(random.around(paceSeconds[arm], 0.6), 900) * 1000)
}

/** In this order, again and again: any month has the satisfaction that the story tells of. */
const ratings = {
  current: { done: [4, 5, 3, 4, 4, 2, 5, 4, 3, 4, 4], 'not-eligible': [2, 3, 1, 4, 2], error: [1, 2, 1, 3, 2] },
  new: { done: [5, 4, 5, 4, 4, 5, 4, 3, 5, 4, 5, 4], 'not-eligible': [4, 3, 5, 4, 4], error: [2, 1, 3, 1, 2] },
}

/** Of those who reach an ending, nearly a third say how it was in the beta, and one in eight elsewhere. */
function whenRated(random: Random, arm: Arm, endedAt: number): Date | null {
  return random.chance(arm === 'new' ? 0.31 : 0.12) ? new Date(endedAt + random.between(8, 90) * 1000) : null
}

/** Each comment is written once, by somebody in the same version and at the same ending, spread over the whole time. */
function rate(all: Application[]): void {
  for (const arm of ['current', 'new'] as const) {
    for (const ending of ['done', 'not-eligible', 'error'] as const) {
      const rated = all.flatMap(({ arm: by, end, feedback }) =>
        by === arm && end?.ending === ending && feedback !== null ? [feedback] : [],
      )
      const order = ratings[arm][ending]
      for (const [index, feedback] of rated.entries()) feedback.rating = order[index % order.length] ?? 3
      const texts = comments.filter((one) => one.arm === arm && one.ending === ending)
      // A stride through the list mixes good and bad, so that no week is all praise.
      const stride = [7, 5, 3, 2, 1].find((step) => texts.length % step !== 0 || step === 1) ?? 1
      texts.forEach((_, index) => {
        const written = texts[(index * stride) % texts.length]
        const feedback = rated[Math.round(((index + 1) * rated.length) / texts.length) - 1]
        if (written && feedback) Object.assign(feedback, { rating: written.rating, comment: written.text })
      })
    }
  }
}

function hourOf(random: Random): number {
  let left = random.next() * hours.reduce((sum, weight) => sum + weight, 0)
  const found = hours.findIndex((weight) => (left -= weight) < 0)
  return found < 0 ? 12 : found
}

function lastMoment({ feedback, end, steps, startedAt }: Application): number {
  return (feedback?.at ?? end?.at ?? steps.at(-1)?.at ?? startedAt).getTime()
}

/** The events of one application, as the gateway would have sent them: in the shape of `POST /api/v1/events`. */
export function eventsOf(application: Application, service: string, journey: string): object[] {
  const { arm, transaction, device, startedAt, steps, end } = application
  const event = (part: string, at: Date, what: object) => ({
    id: `${transaction}-${part}`,
    time: at.toISOString(),
    service,
    channel: 'digital',
    arm,
    device,
    properties: {
      assigned: arm,
      served: arm,
      rung: arm === 'new' ? 'invited' : 'default',
      rolloutVersion: 1,
      visitor: transaction,
      // The gateway puts both into the pages of the new service; the old one has never had a label.
      banner: arm === 'new',
      feedbackLink: true,
    },
    ...what,
  })
  const about = { journey, transaction }
  const list = [
    event('exposure', startedAt, { name: 'exposure' }),
    event('start', startedAt, { ...about, name: 'start' }),
  ]
  for (const { step, at } of steps) list.push(event(step, at, { ...about, name: 'step', step }))
  if (end) {
    const last = event('end', end.at, { ...about, name: 'end', step: end.ending, outcome: end.outcome })
    Object.assign(last.properties, { question: true })
    list.push(last)
  }
  return list
}
