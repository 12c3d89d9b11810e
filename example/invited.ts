import { createRandom } from './random.ts'

/** Who was invited in which group, and what became of it. Addresses are of example.org, where nobody lives. */
export interface Group {
  name: string
  daysAgo: number
  cap: number
  why: string
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
  { name: 'Harbour zone', daysAgo: 46, size: 40, cap: 60, why: 'A first group that we can look after one by one' },
  { name: 'Market zone', daysAgo: 32, size: 70, cap: 140, why: 'Two weeks without an error page that was ours' },
  { name: 'Station zone', daysAgo: 18, size: 90, cap: 260, why: 'The contact centre had fewer calls than before' },
  { name: 'Latecomers', daysAgo: 3, size: 24, cap: 260, why: '' },
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
