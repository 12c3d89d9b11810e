import { createRandom } from './random.ts'

/** Who was invited in which group, and what became of it. Addresses are of example.org, where nobody lives. */
export interface Group {
  name: string
  daysAgo: number
  people: Invited[]
}

export interface Invited {
  address: string
  /** Days after the invitation; null for those who did not answer. */
  acceptedAfter: number | null
  /** Days after accepting, where somebody chose the current service again. */
  wentBackAfter: number | null
}

const plan = [
  { name: 'Harbour zone', daysAgo: 46, size: 40 },
  { name: 'Market zone', daysAgo: 32, size: 70 },
  { name: 'Station zone', daysAgo: 18, size: 90 },
  { name: 'Latecomers', daysAgo: 3, size: 24 },
]

/** A step of the rollout plan, as the API takes it, and what it taught once the next one started. */
export interface StepStory {
  /** Null for one that is still to come. */
  daysAgo: number | null
  learned: string | null
  step: object
}

const guardrails = ['Completion falls below 80%', 'More than five calls a day about the new version']

export const steps: readonly StepStory[] = [
  {
    daysAgo: 46,
    learned: 'No. Two weeks without an error page that was ours; three people had no postcode at hand and came back.',
    step: {
      audience: 'invited',
      group: 'Harbour zone',
      size: { kind: 'people', people: 60 },
      minimumDays: 14,
      guardrails,
      question: 'Does anybody get stuck before they have found their address?',
    },
  },
  {
    daysAgo: 32,
    learned: 'It holds: fewer calls than before, and none about where to begin.',
    step: {
      audience: 'invited',
      group: 'Market zone',
      size: { kind: 'people', people: 140 },
      minimumDays: 14,
      guardrails,
      question: 'Does the contact centre hold with more than a hundred people in?',
    },
  },
  {
    daysAgo: 18,
    learned: null,
    step: {
      audience: 'invited',
      group: 'Station zone',
      size: { kind: 'people', people: 260 },
      minimumDays: 21,
      guardrails,
      question: 'Do people in new buildings get through without help?',
    },
  },
  {
    daysAgo: null,
    learned: null,
    step: {
      audience: 'share',
      size: { kind: 'percent', percent: 10 },
      minimumDays: 14,
      guardrails: [...guardrails, 'A page takes longer than two seconds'],
      question: 'Does it hold on the busiest day, with people whom nobody chose?',
    },
  },
]

export function groups(seed = 11): Group[] {
  const random = createRandom(seed)
  let number = 100
  return plan.map(({ size, ...group }) => ({
    ...group,
    people: Array.from({ length: size }, () => {
      const days = random.around(1.2, 1)
      // Of those who answer at all, nearly all do so while the link is good.
      const acceptedAfter = random.chance(0.7) && days < 13 && days < group.daysAgo ? days : null
      const stays = acceptedAfter === null || !random.chance(0.04)
      const wentBackAfter = stays ? null : Math.min(random.around(4, 0.6), group.daysAgo - acceptedAfter)
      return { address: `resident-${++number}@example.org`, acceptedAfter, wentBackAfter }
    }),
  }))
}
