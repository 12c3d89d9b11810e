import { act, must, newSecret, Refusal, type Context, type Tx } from '../../platform/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { refuseAboveCeiling } from '../rules.ts'
import { takeTime } from '../waitlist/count-store.ts'
import { drawByQuotas, type DrawMethod, type Need } from '../waitlist/draw.ts'
import {
  drawInOrder,
  filledBy,
  firstOfKinds,
  firstToInvite,
  layOut,
  nextOfKind,
  putDrawn,
  putRest,
  type Drawing,
  type WantedCount,
} from '../waitlist/draw-store.ts'
import { quotasFilled } from '../waitlist/quota-reads.ts'
import type { AttributeFilter, QuotaState } from '../waitlist/waitlist.ts'
import { people as sayPeople } from '../words.ts'
import type { DrawRecord } from './batch.ts'
import { prepareBatch, type Prepared } from './preparing.ts'
import { putDraw, readSendingRule, setBatchState } from './store.ts'

export interface WantedDraw {
  name: string
  method: DrawMethod
  /** So many people, or so many percent of those who wait. */
  count: WantedCount
  filters: AttributeFilter[]
  overInvite: boolean
  /** Without one a new one is made; with it a draw can be done again. */
  seed?: string | undefined
}

/** ADM-43: draws, and keeps what was drawn as a batch that is not sent yet: what is shown is what will be sent. */
export async function drawBatch(
  ctx: Context,
  service: Service,
  wanted: WantedDraw & { patience: number },
): Promise<Prepared> {
  await must(ctx, 'admission.invite', service.id)
  refuseAboveCeiling(ceilingOf(service.phase), 'invited')
  const { name, overInvite, patience } = wanted
  const batch = { name, source: 'waiting-list', overInvite, patience } as const
  return prepareBatch(ctx, service, batch, (id) => drawFor(ctx, service, id, wanted))
}

async function drawFor(ctx: Context, service: Service, id: string, wanted: WantedDraw): Promise<void> {
  const deed = { permission: 'admission.invite', service: service.id, topic: 'admission' } as const
  await act(ctx, deed, async (tx, record) => {
    await takeTime(tx)
    const quotas = await quotasFilled(tx, service.id, ctx.clock.now())
    const needs = quotas.map((quota) => ({ quota: quota.id, needed: missingOf(quota) }))
    const seed = wanted.seed ?? newSecret().slice(0, 16)
    const drawing = { serviceId: service.id, filters: await filtersOf(tx, service, wanted.filters), seed }
    const { candidates, drawn } = await drawInto(tx, id, drawing, { ...wanted, needs })
    if (candidates === 0) throw new Refusal('nobody-waiting')
    const filled = await filledBy(tx, service.id, id)
    await putDraw(tx, id, {
      method: wanted.method,
      seed,
      count: countOf(wanted.count, candidates),
      candidates,
      filters: wanted.filters,
      needs: quotas.map((quota) => {
        const needed = missingOf(quota)
        const { id: of, attribute, value } = quota
        return { quota: of, attribute, value, needed, filled: Math.min(needed, filled.get(of) ?? 0) }
      }),
    } satisfies DrawRecord)
    await setBatchState(tx, id, 'draft', ctx.clock.now())
    const from = `from ${sayPeople(candidates)} who wait`
    record({
      action: 'admission.drawn',
      summary: `drew ${sayPeople(drawn)} ${from} as “${wanted.name}”; nothing is sent yet`,
      subject: id,
      detail: { method: wanted.method, seed, candidates },
    })
  })
}

function missingOf({ wanted, actual, invited }: Pick<QuotaState, 'wanted' | 'actual' | 'invited'>): number {
  return Math.max(0, wanted - actual - invited)
}

function countOf(count: WantedCount, waiting: number): number {
  return 'people' in count ? count.people : Math.ceil((waiting * count.percent) / 100)
}

/** The service's own limit chooses as well. */
async function filtersOf(
  tx: Tx,
  service: Service,
  filters: readonly AttributeFilter[],
): Promise<readonly AttributeFilter[]> {
  const { onlyAttribute, onlyValues } = await readSendingRule(tx, service.id)
  return onlyAttribute === null ? filters : [...filters, { attribute: onlyAttribute, values: onlyValues }]
}

/** Addresses of the next so many who wait, first come first. */
export async function nextWaiting(tx: Tx, service: Service, most: number): Promise<string[]> {
  return firstToInvite(tx, { serviceId: service.id, filters: await filtersOf(tx, service, []) }, most)
}

type Wish = Pick<WantedDraw, 'method' | 'count'> & { needs: readonly Need[] }

async function drawInto(
  tx: Tx,
  batchId: string,
  drawing: Drawing,
  wish: Wish,
): Promise<{ candidates: number; drawn: number }> {
  if (wish.method === 'stratified') return drawStratified(tx, batchId, drawing, wish)
  return drawInOrder(tx, drawing, { by: wish.method === 'random' ? 'lot' : 'time', count: wish.count, batchId })
}

/** Held in memory, of all kinds together and of those drawn. */
const ticketsAtOnce = 5_000

async function drawStratified(tx: Tx, batchId: string, drawing: Drawing, { count, needs }: Wish) {
  const open = needs.filter(({ needed }) => needed > 0).toSorted((a, b) => (a.quota < b.quota ? -1 : 1))
  const quotas = open.map(({ quota }) => quota)
  const { candidates, kinds } = await layOut(tx, drawing, quotas)
  const most = countOf(count, candidates)
  const each = Math.max(1, Math.min(most, Math.floor(ticketsAtOnce / Math.max(1, kinds.length))))
  const first = await firstOfKinds(
    tx,
    kinds.map(({ kind }) => kind),
    each,
  )
  const queued = kinds.map((kind) => ({ ...kind, queue: first.get(kind.kind) ?? [] }))
  const last = new Map<string, string>()
  let drawn = 0
  let ids: string[] = []
  const put = async (): Promise<void> => {
    await putDrawn(tx, batchId, ids, drawn - ids.length)
    ids = []
  }
  for await (const { kind, ticket } of drawByQuotas(queued, open, (of, after) =>
    nextOfKind(tx, of.kind, after, each),
  )) {
    last.set(kind, ticket.lot)
    drawn += 1
    if (ids.push(ticket.id) >= ticketsAtOnce) await put()
    if (drawn >= most) break
  }
  await put()
  const rest = await putRest(tx, batchId, { last, after: drawn, most: most - drawn })
  return { candidates, drawn: drawn + rest }
}
