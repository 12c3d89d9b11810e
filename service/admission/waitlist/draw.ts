import { createHash } from 'node:crypto'

export const drawMethods = ['first-come', 'random', 'stratified'] as const
export type DrawMethod = (typeof drawMethods)[number]

export interface Candidate {
  id: string
  at: Date
  /** Ids of the quotas that this person would count for. */
  counts: readonly string[]
}

/** How many more a quota wants. */
export interface Need {
  quota: string
  needed: number
}

export interface Draw {
  /** In the order in which they were drawn. */
  drawn: string[]
  /** What is still missing of each quota afterwards. */
  missing: Need[]
}

/**
 * ADM-43: who is next. The same candidates, seed and needs give the same people in the same order, whatever the order in
 * which they are handed over; nobody is drawn twice, and never more than `count`.
 * `first-come` goes by time. `random` goes by a hash of seed and id. `stratified` takes, one after the other, whoever
 * fills most of what is still missing, the scarcer first; when nothing is missing that anybody could fill, the rest is random.
 */
export function draw(
  method: DrawMethod,
  candidates: readonly Candidate[],
  { count, seed, needs = [] }: { count: number; seed: string; needs?: readonly Need[] },
): Draw {
  const ordered = method === 'first-come' ? byTime(candidates) : byLot(candidates, seed)
  const open = new Map(needs.map(({ quota, needed }) => [quota, needed]))
  const drawn = method === 'stratified' ? stratified(ordered, count, new Map(open)) : ordered.slice(0, count)
  for (const { counts } of drawn) for (const quota of counts) fill(open, quota)
  return {
    drawn: drawn.map(({ id }) => id),
    missing: needs.map(({ quota }) => ({ quota, needed: Math.max(0, open.get(quota) ?? 0) })),
  }
}

function byTime(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((a, b) => a.at.getTime() - b.at.getTime() || compare(a.id, b.id))
}

function byLot(candidates: readonly Candidate[], seed: string): Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, lot: createHash('sha256').update(`${seed}\n${candidate.id}`).digest('hex') }))
    .toSorted((a, b) => compare(a.lot, b.lot))
    .map(({ candidate }) => candidate)
}

/** By code units: what a locale thinks of letters is no matter. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** People who count for the same quotas are alike, so there are few kinds however many people there are. */
interface Kind {
  counts: readonly string[]
  /** With their places in the lot, the next one last. */
  queue: { candidate: Candidate; place: number }[]
}

function stratified(ordered: readonly Candidate[], count: number, open: Map<string, number>): Candidate[] {
  const kinds = kindsOf(ordered, open)
  const supply = new Map<string, number>()
  for (const { counts, queue } of kinds)
    for (const quota of counts) supply.set(quota, (supply.get(quota) ?? 0) + queue.length)
  const drawn: Candidate[] = []
  while (drawn.length < count) {
    const kind = bestOf(kinds, open, supply)
    const next = kind?.queue.pop()
    if (kind === null || next === undefined) break
    drawn.push(next.candidate)
    for (const quota of kind.counts) {
      fill(open, quota)
      supply.set(quota, (supply.get(quota) ?? 1) - 1)
    }
  }
  return drawn
}

function kindsOf(ordered: readonly Candidate[], open: ReadonlyMap<string, number>): Kind[] {
  const kinds = new Map<string, Kind>()
  for (const [place, candidate] of ordered.entries()) {
    const counts = candidate.counts.filter((quota) => open.has(quota)).toSorted(compare)
    const key = counts.join(' ')
    const kind = kinds.get(key) ?? { counts, queue: [] }
    kind.queue.push({ candidate, place })
    kinds.set(key, kind)
  }
  for (const { queue } of kinds.values()) queue.reverse()
  return [...kinds.values()]
}

/** By what it would fill, weighed by how scarce that is; of equals the one whose turn in the lot is first. */
function bestOf(kinds: readonly Kind[], open: ReadonlyMap<string, number>, supply: ReadonlyMap<string, number>) {
  let best: { kind: Kind; worth: number; place: number } | null = null
  for (const kind of kinds) {
    const next = kind.queue.at(-1)
    if (next === undefined) continue
    const worth = worthOf(kind, open, supply)
    if (best === null || worth > best.worth || (worth === best.worth && next.place < best.place))
      best = { kind, worth, place: next.place }
  }
  return best?.kind ?? null
}

function worthOf({ counts }: Kind, open: ReadonlyMap<string, number>, supply: ReadonlyMap<string, number>): number {
  let worth = 0
  for (const quota of counts) {
    const needed = open.get(quota) ?? 0
    // Where there are fewer people than needed, each of them counts in full.
    if (needed > 0) worth += 1 + Math.min(1, needed / Math.max(1, supply.get(quota) ?? 0))
  }
  return worth
}

function fill(open: Map<string, number>, quota: string): void {
  const needed = open.get(quota)
  if (needed !== undefined) open.set(quota, needed - 1)
}
