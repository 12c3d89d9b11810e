import type { FastifyRequest } from 'fastify'
import { decide } from '../../packages/admission/src/index.ts'
import { change, hashSecret, type Context } from '../platform/index.ts'
import { asPerson, findParticipant, type PublicDoor, type Snapshots } from '../admission/index.ts'
import { featuresOf, type Feature } from '../features/index.ts'
import type { Service } from '../services/index.ts'
import type { Member, Place, Room } from './room.ts'
import { findMember, findRoom, insertMembers, memberByToken } from './store.ts'

/** Somebody who tries the feature, as the room knows them. */
export interface Visitor {
  place: Place
  room: Room
  who: { participantId: string | null; unit: string }
  /** Null for somebody who has not written or chosen anything here yet. */
  member: Member | null
  /** Where mails reach them. */
  address: string | null
}

/** ROOM-4: the link of a mail opens the room by itself, without an account and on any device. */
export async function byToken(request: FastifyRequest, token: string, snapshots: Snapshots): Promise<Visitor | null> {
  const { context: ctx, service } = request
  const member = await memberByToken(ctx.db, service.id, hashSecret(token), ctx.clock.now())
  return member === null ? null : memberVisitor(ctx, service, member, snapshots)
}

/** Null where that seat lets nobody in any more. */
export async function memberVisitor(
  ctx: Context,
  service: Service,
  member: Member,
  snapshots: Snapshots,
): Promise<Visitor | null> {
  const feature = (await featuresOf(ctx.db, service.id)).find(({ id }) => id === member.featureId)
  const room = await findRoom(ctx.db, member.featureId)
  if (feature === undefined || room === null) return null
  const person = await personOf(ctx, member)
  const unit = person?.unit ?? member.unit
  if (isRemoved(snapshots, feature, unit, ctx)) return null
  const who = { participantId: member.participantId, unit }
  return { place: { service, feature }, room, who, member, address: person?.address ?? null }
}

/** ROOM-1: a pass opens the room of what it lets its person try; who has a seat keeps it while the service is halted. */
export async function byPass(
  request: FastifyRequest,
  { key, door, snapshots }: { key: string; door: PublicDoor; snapshots: Snapshots },
): Promise<Visitor | null> {
  const { context: ctx, service } = request
  const unit = door.pass(request)?.unit
  const feature = (await featuresOf(ctx.db, service.id)).find((each) => each.key === key)
  if (unit === undefined || feature === undefined) return null
  const room = await findRoom(ctx.db, feature.id)
  if (room === null) return null
  const person = await findParticipant(ctx.db, service.id, { unit })
  const who = { participantId: person?.id ?? null, unit }
  const member = await findMember(ctx.db, feature.id, who)
  const mayEnter = member === null ? has(snapshots, feature, unit, ctx) : !isRemoved(snapshots, feature, unit, ctx)
  if (!mayEnter) return null
  return { place: { service, feature }, room, who, member, address: person?.address ?? null }
}

/** Whoever writes or chooses something gets a seat. */
export async function seated(ctx: Context, { place, who, member }: Visitor): Promise<Member> {
  if (member !== null) return member
  const { service, feature } = place
  return change(asPerson(ctx), { service: service.id, topic: 'rooms' }, async (tx) => {
    const room = { featureId: feature.id, serviceId: service.id, at: ctx.clock.now() }
    await insertMembers(tx, room, [who])
    const found = await findMember(tx, feature.id, who)
    if (found === null) throw new Error('The member was not stored')
    return found
  })
}

async function personOf(ctx: Context, { serviceId, participantId, unit }: Member) {
  if (participantId === null) return findParticipant(ctx.db, serviceId, { unit })
  return findParticipant(ctx.db, serviceId, { id: participantId })
}

function has(snapshots: Snapshots, feature: Feature, unit: string, ctx: Context): boolean {
  const decision = decide(snapshots.compiled(), feature.key, { targetingKey: unit }, ctx.clock.now())
  return decision.kind === 'decided' && decision.variant !== feature.off
}

function isRemoved(snapshots: Snapshots, feature: Feature, unit: string, { clock }: Context): boolean {
  const compiled = snapshots.compiled()
  const service = compiled.features.get(feature.key)?.service
  if (service === undefined) return true
  const decision = decide(compiled, service.key, { targetingKey: unit }, clock.now())
  return decision.kind === 'decided' && decision.rung === 'removed'
}
