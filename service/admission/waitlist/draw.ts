export const drawMethods = ['first-come', 'random', 'stratified'] as const
export type DrawMethod = (typeof drawMethods)[number]

/** How many more a quota wants. */
export interface Need {
  quota: string
  needed: number
}

export interface Ticket {
  id: string
  /** SHA-256 of seed and id: the place in the order by lot. */
  lot: string
}

/** People who count for the same quotas are alike, so there are few kinds however many people there are. */
export interface Kind {
  kind: string
  /** Ids of the quotas that each of them counts for. */
  counts: readonly string[]
  /** How many people there are of it. */
  size: number
  /** The next of them by lot. */
  queue: readonly Ticket[]
}

/**
 * ADM-43: by lot until quotas are filled. One after the other, whoever fills most of what is still missing, the scarcer first;
 * of equals whose lot is lower. It ends when there is nobody left who fills anything: the rest is drawn by lot alone.
 */
export async function* drawByQuotas(
  kinds: readonly Kind[],
  needs: readonly Need[],
  /** More of a kind whose queue is empty, after this lot. */
  more: (kind: Kind, after: string) => Promise<readonly Ticket[]>,
): AsyncGenerator<{ kind: string; ticket: Ticket }> {
  const open = new Map(needs.map(({ quota, needed }) => [quota, needed]))
  const supply = new Map<string, number>()
  for (const { counts, size } of kinds) for (const quota of counts) supply.set(quota, (supply.get(quota) ?? 0) + size)
  const left = kinds.map((kind) => ({ kind, queue: kind.queue, at: 0 }))
  for (;;) {
    const best = bestOf(left, open, supply)
    const ticket = best?.queue[best.at]
    if (best === null || ticket === undefined) return
    yield { kind: best.kind.kind, ticket }
    best.at += 1
    for (const quota of best.kind.counts) {
      open.set(quota, (open.get(quota) ?? 0) - 1)
      supply.set(quota, (supply.get(quota) ?? 1) - 1)
    }
    if (best.at < best.queue.length) continue
    best.queue = await more(best.kind, ticket.lot)
    best.at = 0
  }
}

interface Left {
  kind: Kind
  queue: readonly Ticket[]
  at: number
}

/** By what it would fill, weighed by how scarce that is; null when nobody fills anything. */
function bestOf(
  left: readonly Left[],
  open: ReadonlyMap<string, number>,
  supply: ReadonlyMap<string, number>,
): Left | null {
  let best: { left: Left; worth: number; lot: string } | null = null
  for (const each of left) {
    const next = each.queue[each.at]
    const worth = next === undefined ? 0 : worthOf(each.kind, open, supply)
    if (next === undefined || worth === 0) continue
    if (best === null || worth > best.worth || (worth === best.worth && next.lot < best.lot))
      best = { left: each, worth, lot: next.lot }
  }
  return best?.left ?? null
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
