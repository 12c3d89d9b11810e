import { newUnit, type LettingRung } from '../../../packages/admission/src/index.ts'
import {
  change,
  hashSecret,
  isDatabaseAway,
  type Context,
  type Db,
  type Queryable,
  type Tx,
} from '../../platform/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { acceptedUnit, asPerson, deviceName, type Opened } from '../acceptance.ts'
import { mostDevices } from '../admission.ts'
import { heldInvitations, unitsIn, writeAcceptances, type HeldInvitation } from './store.ts'
import { cohortPlaces } from '../batches/reads.ts'
import { isDayFull } from '../day-limit.ts'
import { acceptanceOf, refuseAboveCeiling, type Acceptance } from '../rules.ts'
import { lockRollout, readPlaces, takePlaces } from '../store.ts'

export type Accepted =
  | { kind: 'in'; rung: LettingRung; unit: string }
  | { kind: Exclude<Acceptance, 'accept' | 'repeat'> }
  | { kind: 'full' }
  /** ADM-66: nobody new before midnight; the invitation keeps its place. */
  | { kind: 'day-full' }

interface Waiting {
  ctx: Context
  service: Service
  tokenHash: Buffer
  nonceHash: Buffer
  device: string
  at: Date
  resolve(accepted: Accepted): void
  reject(error: unknown): void
}

const mostAtOnce = 200
const queuesOf = new WeakMap<Db, Map<string, Waiting[]>>()

/**
 * ADM-17, ADM-19: once, and never past the cap. Places are given out one after the other, under one row's lock; so whoever
 * comes while others are let in waits for the next transaction together with all who came meanwhile: one commit, and one
 * flush to the disk, for many.
 */
export function accept(ctx: Context, opened: Opened, nonce: string): Promise<Accepted> {
  const { service } = opened
  refuseAboveCeiling(ceilingOf(service.phase), 'invited')
  return new Promise((resolve, reject) => {
    const waiting: Waiting = {
      ctx: asPerson(ctx),
      service,
      tokenHash: hashSecret(opened.token),
      nonceHash: hashSecret(nonce),
      device: deviceName(opened.userAgent),
      at: ctx.clock.now(),
      resolve,
      reject,
    }
    const queues = queuesOf.get(ctx.db) ?? new Map<string, Waiting[]>()
    queuesOf.set(ctx.db, queues)
    const queue = queues.get(service.id)
    if (queue !== undefined) return void queue.push(waiting)
    const started = [waiting]
    queues.set(service.id, started)
    void work(started).finally(() => queues.delete(service.id))
  })
}

async function work(queue: Waiting[]): Promise<void> {
  while (queue.length > 0) await letIn(queue.splice(0, mostAtOnce))
}

/** What one of them makes fail must not fail the others: each by itself then, unless it is the database that is away. */
async function letIn(batch: readonly Waiting[]): Promise<void> {
  try {
    const outcomes = await inOneTransaction(batch)
    for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] ?? { kind: 'unknown' })
  } catch (error) {
    if (batch.length > 1 && !isDatabaseAway(error)) for (const each of batch) await letIn([each])
    else for (const { reject } of batch) reject(error)
  }
}

async function inOneTransaction(batch: readonly Waiting[]): Promise<Accepted[]> {
  const [first] = batch
  if (first === undefined) return []
  const { ctx, service } = first
  return change(ctx, { service: service.id, topic: 'admission' }, async (tx, record) => {
    const invitations = await heldInvitations(tx, service.id, batch)
    const opened = await openDoors(tx, service, batch, invitations)
    const isFullToday = opened === 'day-full'
    const accepting = isFullToday ? [] : opened
    const units = await writeAcceptances(tx, service.id, accepting, mostDevices)
    for (const { invitation, ctx: by } of accepting)
      record({
        action: 'admission.accepted',
        summary: 'accepted an invitation',
        subject: invitation.id,
        requestId: by.requestId,
      })
    return Promise.all(
      batch.map((waiting, index) =>
        outcomeOf(tx, waiting, invitations[index] ?? null, { accepting, units, isFullToday }),
      ),
    )
  })
}

export interface Accepting extends Waiting {
  invitation: HeldInvitation
  unit: string
}

/** Those of the batch for whom there is a place, in their order. The rollout's row is held from here to the commit. */
async function openDoors(
  tx: Tx,
  service: Service,
  batch: readonly Waiting[],
  invitations: readonly (HeldInvitation | null)[],
): Promise<Accepting[] | 'day-full'> {
  const wanting = new Map<string, Accepting>()
  for (const [index, waiting] of batch.entries()) {
    const invitation = invitations[index] ?? null
    if (invitation === null || acceptanceOf(invitation, waiting) !== 'accept') continue
    // Of several who press on one invitation the first accepts; the others are told what became of it.
    if (!wanting.has(invitation.id)) wanting.set(invitation.id, { ...waiting, invitation, unit: newUnit() })
  }
  const [first] = wanting.values()
  if (first === undefined) return []
  await lockRollout(tx, service.id)
  if (await isDayFull(tx, service.id, first.at)) return 'day-full'
  const [at] = batch.map((waiting) => waiting.at).toSorted((a, b) => b.getTime() - a.getTime())
  const places = await readPlaces(tx, service.id, at ?? new Date())
  const inside = await unitsIn(tx, service.id, [...wanting.values()])
  const groups = await groupsOf(tx, [...wanting.values()], at ?? new Date())
  let { taken, free } = places
  const accepting = [...wanting.values()].filter(({ invitation }) => {
    if (inside.has(invitation.address.toLowerCase())) return true
    const hasPlace = invitation.holdsPlace ? places.cap === null || taken < places.cap : free === null || free > 0
    const group = invitation.cohortId === null ? undefined : groups.get(invitation.cohortId)
    if (!hasPlace || !hasPlaceInGroup(group, invitation.holdsPlace)) return false
    if (group !== undefined) {
      group.taken++
      if (invitation.holdsPlace) group.held--
    }
    taken++
    if (free !== null && !invitation.holdsPlace) free--
    return true
  })
  await takePlaces(tx, service.id, taken - places.taken)
  return accepting
}

type Group = Awaited<ReturnType<typeof cohortPlaces>>

/** ADM-48: groups with a cap of their own, counted under the same lock as the places of the service. */
async function groupsOf(tx: Tx, wanting: readonly Accepting[], at: Date): Promise<Map<string, Group>> {
  const ids = new Set(wanting.flatMap(({ invitation }) => invitation.cohortId ?? []))
  const groups = new Map<string, Group>()
  for (const id of ids) groups.set(id, await cohortPlaces(tx, id, at))
  return groups
}

function hasPlaceInGroup(group: Group | undefined, holdsPlace: boolean): boolean {
  if (group === undefined || group.cap === null) return true
  return group.taken + (holdsPlace ? 0 : group.held) < group.cap
}

interface Outcome {
  accepting: readonly Accepting[]
  units: ReadonlyMap<string, string>
  isFullToday: boolean
}

async function outcomeOf(
  db: Queryable,
  waiting: Waiting,
  invitation: HeldInvitation | null,
  { accepting, units, isFullToday }: Outcome,
): Promise<Accepted> {
  const own = invitation === null ? undefined : accepting.find((each) => each.invitation.id === invitation.id)
  if (own !== undefined) {
    const isSame = own.nonceHash.equals(waiting.nonceHash)
    const unit = units.get(own.invitation.id)
    return isSame && unit !== undefined ? { kind: 'in', rung: 'invited', unit } : { kind: 'used' }
  }
  const acceptance = acceptanceOf(invitation, waiting)
  if (acceptance === 'accept') return { kind: isFullToday ? 'day-full' : 'full' }
  if (acceptance !== 'repeat') return { kind: acceptance }
  const unit = await acceptedUnit(db, waiting.service, invitation)
  return unit === null ? { kind: 'used' } : { kind: 'in', rung: 'invited', unit }
}
