import { decide } from '../../../packages/admission/src/index.ts'
import { act, change, Refusal, type Context, type Tx } from '../../platform/index.ts'
import { featuresOf, mustFind, type Feature } from '../../features/index.ts'
import type { Service } from '../../services/index.ts'
import { asPerson } from '../acceptance.ts'
import { customersOf } from '../customers/store.ts'
import type { Snapshots } from '../snapshots.ts'
import type { Beta, OwnBeta } from './betas.ts'
import { betasOf, findBeta, lockBeta, putBeta, putFeatureChoice, unitsUnderCap } from './store.ts'

const topic = 'admission'

export interface Opening extends Omit<Beta, 'accounts'> {
  /** By name. */
  accounts: string[]
  reason: string
}

/** ADM-63: to whom the beta is opened; Growth and Support do it. */
export async function openBeta(
  ctx: Context,
  snapshots: Snapshots,
  service: Service,
  { key, opening }: { key: string; opening: Opening },
): Promise<Beta> {
  const feature = await mustFind(ctx, service, key)
  const deed = { permission: 'betas.open', service: service.id, topic } as const
  await act(ctx, deed, async (tx, record) => {
    const known = await customersOf(tx, service.id, ctx.clock.now())
    const accounts = opening.accounts.map((name) => {
      const found = known.find((each) => each.name.toLowerCase() === name.toLowerCase())
      if (found === undefined) throw new Refusal('customer-unknown', { name })
      return found
    })
    await putBeta(tx, { featureId: feature.id, serviceId: service.id }, { ...opening, accounts })
    const { pool, offered, cap, capCounts } = opening
    record({
      action: 'beta.opened',
      summary: `changed to whom the beta of “${feature.name}” is opened`,
      reason: opening.reason,
      subject: feature.id,
      detail: { key, pool, offered, cap, capCounts, accounts: accounts.length },
    })
  })
  await snapshots.refresh(service.id)
  return findBeta(ctx.db, service.id, feature.id)
}

/** ADM-65: a person's own act. Off is always possible, and takes effect before this returns. */
export async function chooseBeta(
  ctx: Context,
  snapshots: Snapshots,
  service: Service,
  { key, unit, on }: { key: string; unit: string; on: boolean },
): Promise<void> {
  const feature = await mustFind(ctx, service, key)
  const at = ctx.clock.now()
  const of = { featureId: feature.id, serviceId: service.id }
  // History names somebody of the team who did it for a person, and never the person.
  const by = ctx.actor.kind === 'account' ? ctx : asPerson(ctx)
  await change(by, { service: service.id, topic }, async (tx, record) => {
    await lockBeta(tx, feature.id)
    const beta = await findBeta(tx, service.id, feature.id)
    if (on) refuseWhatIsNotOffered(feature, beta)
    if (on && !isInService(ctx, snapshots, service, feature, unit)) throw new Refusal('beta-not-for-you')
    const before = on ? await unitsWithin(tx, feature, beta) : null
    await putFeatureChoice(tx, { ...of, unit, value: on ? 'on' : 'off', at })
    const after = before === null ? null : new Set(await unitsWithin(tx, feature, beta))
    // ADM-64: whoever comes takes a free place, and nobody else's.
    if (after !== null && ![unit, ...(before ?? [])].every((each) => after.has(each)))
      throw new Refusal('beta-places-taken')
    const whom = ctx.actor.kind === 'account' ? 'a person' : 'themselves'
    const summary = `switched the beta of “${feature.name}” ${on ? 'on' : 'off'} for ${whom}`
    record({ action: 'beta.chosen', summary, subject: unit, detail: { key, on } })
  })
  await snapshots.refresh(service.id)
}

/** Null without a cap. */
async function unitsWithin(
  tx: Tx,
  { id: featureId, serviceId, cohorts }: Feature,
  { cap, capCounts, accounts }: Beta,
): Promise<string[] | null> {
  if (cap === null) return null
  const named = { cohorts: cohorts.map(({ id }) => id), accounts: accounts.map(({ id }) => id) }
  return unitsUnderCap(tx, { featureId, serviceId }, { cap, capCounts, ...named })
}

function refuseWhatIsNotOffered(feature: Feature, beta: Beta): void {
  if (!beta.offered || !isOpenToChoose(feature, beta)) throw new Refusal('beta-not-offered')
}

/** Where a choice would let somebody in: the stage lets outsiders in, and the pool is not staff alone. */
function isOpenToChoose({ isOn, course }: Feature, { pool }: Beta): boolean {
  if (!isOn) return false
  if (course === null || course.stage === 'public-release') return true
  return course.stage === 'beta-release' && pool === 'customers'
}

function isInService(ctx: Context, snapshots: Snapshots, service: Service, feature: Feature, unit: string): boolean {
  const decision = decide(snapshots.compiled(), service.key, { targetingKey: unit }, ctx.clock.now())
  if (decision.kind !== 'decided' || decision.rung === 'removed') return false
  return feature.appliesTo === 'both' || decision.variant === 'new'
}

let roomsOf: (ctx: Context, serviceId: string) => Promise<ReadonlySet<string>> = async () => new Set()

/** Which betas have a room to talk in: a later domain knows. */
export function useRooms(read: typeof roomsOf): void {
  roomsOf = read
}

/** ADM-65: what somebody can try, and what they try already. */
export async function betasFor(ctx: Context, snapshots: Snapshots, service: Service, unit: string): Promise<OwnBeta[]> {
  const [features, betas, rooms] = await Promise.all([
    featuresOf(ctx.db, service.id),
    betasOf(ctx.db, service.id),
    roomsOf(ctx, service.id),
  ])
  const compiled = snapshots.compiled()
  return features.flatMap((feature): OwnBeta[] => {
    const { id, key, name, description, off } = feature
    const beta = betas.get(id)
    const decision = decide(compiled, key, { targetingKey: unit }, ctx.clock.now())
    const isOn = decision.kind === 'decided' && decision.variant !== off
    const offered = beta !== undefined && beta.offered && isOpenToChoose(feature, beta)
    const isTried = isOn && (beta?.on.includes(unit) === true || feature.course?.stage === 'beta-release')
    if (!offered && !isTried) return []
    return [{ key, name, description, changes: beta?.changes ?? '', isOn, offered, hasRoom: rooms.has(id) }]
  })
}
