import { act, actorName, newSecret, Refusal, type Context, type Tx } from '../../platform/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { suppressedOf } from '../invitations/suppressing.ts'
import { refuseAboveCeiling } from '../rules.ts'
import { takeTime } from '../waitlist/count-store.ts'
import { draw, type Candidate, type DrawMethod } from '../waitlist/draw.ts'
import { candidatesOf, quotaStates } from '../waitlist/reads.ts'
import type { AttributeFilter, QuotaState } from '../waitlist/waitlist.ts'
import { people as sayPeople } from '../words.ts'
import type { DrawRecord } from './batch.ts'
import { insertBatch, insertPeople, readSendingRule, type NewBatchPerson } from './store.ts'

export interface WantedDraw {
  name: string
  method: DrawMethod
  /** So many people, or so many percent of those who wait. */
  count: { people: number } | { percent: number }
  filters: AttributeFilter[]
  overInvite: boolean
  /** Without one a new one is made; with it a draw can be done again. */
  seed?: string | undefined
}

/** ADM-43: draws, and keeps what was drawn as a batch that is not sent yet: what is shown is what will be sent. */
export async function drawBatch(ctx: Context, service: Service, wanted: WantedDraw): Promise<string> {
  const deed = { permission: 'admission.invite', service: service.id, topic: 'admission' } as const
  return act(ctx, deed, async (tx, record) => {
    refuseAboveCeiling(ceilingOf(service.phase), 'invited')
    await takeTime(tx)
    const quotas = await quotaStates(tx, service.id, ctx.clock.now())
    const people = await whoMayBeDrawn(ctx, tx, service, wanted.filters)
    if (people.length === 0) throw new Refusal('nobody-waiting')
    const seed = wanted.seed ?? newSecret().slice(0, 16)
    const count = countOf(wanted.count, people.length)
    const needs = quotas.map((quota) => ({ quota: quota.id, needed: missingOf(quota) }))
    const { drawn, missing } = draw(wanted.method, people, { count, seed, needs })
    const before = new Map(needs.map(({ quota, needed }) => [quota, needed]))
    const kept: DrawRecord = {
      method: wanted.method,
      seed,
      count,
      candidates: people.length,
      filters: wanted.filters,
      needs: quotas.map(({ id, attribute, value }) => {
        const needed = before.get(id) ?? 0
        const left = missing.find(({ quota }) => quota === id)?.needed ?? needed
        return { quota: id, attribute, value, needed, filled: needed - left }
      }),
    }
    const id = await insertBatch(tx, {
      ...{ serviceId: service.id, name: wanted.name, source: 'waiting-list', state: 'draft', draw: kept },
      ...{ createdBy: actorName(ctx.actor), overInvite: wanted.overInvite, at: ctx.clock.now() },
    })
    await insertPeople(tx, id, linesOf(drawn, people))
    const from = `from ${sayPeople(people.length)} who wait`
    record({
      action: 'admission.drawn',
      summary: `drew ${sayPeople(drawn.length)} ${from} as “${wanted.name}”; nothing is sent yet`,
      subject: id,
      detail: { method: wanted.method, seed, candidates: people.length },
    })
    return id
  })
}

function missingOf({ wanted, actual, invited }: QuotaState): number {
  return Math.max(0, wanted - actual - invited)
}

function countOf(count: WantedDraw['count'], waiting: number): number {
  return 'people' in count ? count.people : Math.ceil((waiting * count.percent) / 100)
}

type Drawable = Candidate & { address: string }

/** Those who wait, whom the filters and the service's own limit leave, and who want to be invited; first come first. */
export async function whoMayBeDrawn(
  ctx: Context,
  tx: Tx,
  service: Service,
  filters: readonly AttributeFilter[],
): Promise<Drawable[]> {
  const { onlyAttribute, onlyValues } = await readSendingRule(tx, service.id)
  const limit = onlyAttribute === null ? [] : [{ attribute: onlyAttribute, values: onlyValues }]
  const waiting = await candidatesOf(tx, service.id, [...filters, ...limit])
  const addresses = waiting.map(({ address }) => address.toLowerCase())
  const notWanted = await suppressedOf(ctx, tx, service.id, addresses)
  return waiting.filter(({ address }) => !notWanted.has(address.toLowerCase()))
}

function linesOf(drawn: readonly string[], people: readonly Drawable[]): NewBatchPerson[] {
  const byId = new Map(people.map((person) => [person.id, person]))
  return drawn.flatMap((id, at) => {
    const person = byId.get(id)
    if (person === undefined) return []
    return [{ position: at + 1, address: person.address, line: '', attributes: null, outcome: 'queued' as const }]
  })
}
