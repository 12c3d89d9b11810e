import {
  act,
  actorName,
  addMember,
  announceRights,
  endOtherSessions,
  findAccountByEmail,
  hashSecret,
  inviteColleague,
  may,
  membersOf,
  newSecret,
  Refusal,
  removeMember,
  removeMembersOfService,
  serviceManagerOf,
  setSkills,
  roleNames,
  type Context,
  type Record,
  type ServiceRole,
  type Tx,
} from '../platform/index.ts'
import type { GatewayFile } from './gateway-file.ts'
import { phaseOf } from './phases.ts'
import { keyFor, refuseSwitchingOffLegacy, waiverForSkipping } from './rules.ts'
import type { NewService, ServiceChange } from './schemas.ts'
import type { Journey, Service } from './service.ts'
import {
  deleteService,
  endWalk,
  findServiceById,
  insertPhaseMove,
  insertService,
  insertWalk,
  lockPhase,
  replaceJourneys,
  setPhase,
  updateService,
} from './store.ts'

/** Whoever creates a service is its service manager; created by a key, the first owner takes it over. */
export async function createService(ctx: Context, wanted: NewService, gateway: GatewayFile | null): Promise<Service> {
  const { journeys, key: wantedKey, ...rest } = wanted
  const key = wantedKey ?? keyFor(wanted.name)
  phaseOf({ phase: wanted.phase })
  if (wanted.example && ctx.config.publicUrl !== null) throw new Refusal('no-example-here')
  const at = ctx.clock.now()
  const created = await act(ctx, { permission: 'service.create', service: null }, async (tx, record) => {
    const id = await insertService(tx, { ...rest, key, at })
    if (id === null) throw new Refusal('key-taken', { key })
    await replaceJourneys(tx, id, journeys, at)
    const by = actorName(ctx.actor)
    const byAccount = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
    await insertPhaseMove(tx, id, {
      from: null,
      to: wanted.phase,
      at,
      by,
      byAccount,
      reason: 'The service was added here',
      waiver: null,
    })
    if (byAccount !== null) await addMember(tx, { accountId: byAccount, serviceId: id, role: 'service-manager', at })
    record({
      action: 'service.added',
      summary: `added “${wanted.name}” in ${phaseOf(wanted).name.toLowerCase()}`,
      service: id,
    })
    const service = await findServiceById(tx, id)
    if (service === null) throw new Error('The service was not stored')
    refuseTakenHost(gateway, service)
    return service
  })
  await gateway?.put(created)
  ctx.live.changed(created.id, 'service')
  return created
}

/** GW-7: at one host and path one service answers. */
function refuseTakenHost(gateway: GatewayFile | null, service: Service): void {
  const other = gateway?.takenBy(service) ?? null
  if (other === null) return
  if (service.host === null) throw new Refusal('host-needed', { other })
  throw new Refusal('host-taken', { host: service.host, other })
}

/** OUT-3: an upstream may lie inside the network, so it is the owner who says where it is. */
async function refuseMoving(ctx: Context, service: Service, to: Service): Promise<void> {
  const hasMoved = (['newUrl', 'currentUrl'] as const).some((name) => {
    const url = to[name]
    return url !== null && (service[name] === null || new URL(url).origin !== new URL(service[name]).origin)
  })
  if (hasMoved && !(await may(ctx, 'service.addresses', service.id))) throw new Refusal('addresses-are-the-owners')
}

const fieldNames: { [field: string]: string | undefined } = {
  newUrl: 'address of the new service',
  currentUrl: 'address of the current service',
  timeZone: 'time zone',
}

export async function changeService(
  ctx: Context,
  service: Service,
  wanted: ServiceChange,
  gateway: GatewayFile | null,
): Promise<Service> {
  const changed = await act(
    ctx,
    { permission: 'service.edit', service: service.id, topic: 'service' },
    async (tx, record) => {
      const phase = await lockPhase(tx, service.id)
      if (phase === null) throw new Refusal('not-found')
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      const to = { ...service, ...given }
      refuseSwitchingOffLegacy(phase, service.currentUrl, to.currentUrl)
      await refuseMoving(ctx, service, to)
      refuseTakenHost(gateway, to)
      const names = Object.keys(given).filter((name) => service[name as keyof Service] !== given[name])
      if (names.length === 0) return service
      await updateService(tx, service.id, to)
      const words = names.map((name) => fieldNames[name] ?? name).join(', ')
      record({ action: 'service.changed', summary: `changed the service: ${words}`, detail: { to: given } })
      if (service.currentUrl !== null && to.currentUrl === null) {
        record({
          action: 'service.legacy-off',
          summary: 'switched the current service off: everybody is in the new one',
        })
      }
      return to
    },
  )
  await gateway?.put(changed)
  return changed
}

export async function setJourneys(ctx: Context, service: Service, journeys: Journey[]): Promise<void> {
  await act(ctx, { permission: 'service.edit', service: service.id, topic: 'service' }, async (tx, record) => {
    await replaceJourneys(tx, service.id, journeys, ctx.clock.now())
    const ends = journeys.reduce((sum, { endings }) => sum + endings.length, 0)
    const steps = journeys.reduce((sum, journey) => sum + journey.steps.length, 0)
    record({
      action: 'service.journey-marked',
      summary: `marked the journey: a start, ${steps} ${steps === 1 ? 'step' : 'steps'} and ${ends} ${ends === 1 ? 'ending' : 'endings'}`,
      detail: { journeys },
    })
  })
}

/** One button removes the example and everything that hangs on it; audit keeps that it was so. */
export async function removeExample(ctx: Context, service: Service, gateway: GatewayFile | null): Promise<void> {
  if (!service.example) throw new Refusal('not-example')
  await act(
    ctx,
    { permission: 'service.remove', service: service.id, topic: 'service', confirmed: true },
    async (tx, record) => {
      await removeMembersOfService(tx, service.id)
      await deleteService(tx, service.id)
      record({ action: 'service.example-removed', summary: 'removed the example and all its data' })
    },
  )
  await gateway?.remove(service.key)
}

/**
 * Moves the phase inside the caller's transaction (a gate's decision, or a step back). The caller has checked who may.
 */
export async function movePhase(
  ctx: Context,
  tx: Tx,
  record: Record,
  move: { service: Service; to: string; reason: string; waiver: string | null },
): Promise<void> {
  const from = await lockPhase(tx, move.service.id)
  if (from === null) throw new Refusal('not-found')
  const given = waiverForSkipping(from, move.to, move.waiver)
  const waiver = ctx.actor.kind === 'key' ? waiverOfKey(`Moved by ${actorName(ctx.actor)}`, given) : given
  const byAccount = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
  await setPhase(tx, move.service.id, {
    from,
    to: move.to,
    at: ctx.clock.now(),
    by: actorName(ctx.actor),
    byAccount,
    reason: move.reason,
    waiver,
  })
  record({
    action: 'phase.moved',
    summary: `moved the service from ${phaseOf({ phase: from }).name.toLowerCase()} to ${phaseOf({ phase: move.to }).name.toLowerCase()}`,
    reason: move.reason,
    detail: { from, to: move.to, waiver },
  })
}

/** GATE-16: a gate has said it already, with what was missing. */
function waiverOfKey(by: string, given: string | null): string {
  if (given === null) return by
  return given.startsWith(by) ? given : `${by}. ${given}`
}

// Team

export async function addColleague(
  ctx: Context,
  service: Service,
  person: { email: string; name: string; role: ServiceRole },
): Promise<void> {
  await act(ctx, { permission: 'team.manage', service: service.id, topic: 'team' }, async (tx, record) => {
    if (person.role === 'service-manager' && (await serviceManagerOf(tx, service.id)) !== null) {
      throw new Refusal('one-service-manager')
    }
    const account = await inviteColleague(ctx, tx, { ...person, to: service.name })
    await addMember(tx, { accountId: account.id, serviceId: service.id, role: person.role, at: ctx.clock.now() })
    await announceRights(tx, { kind: 'account', id: account.id })
    record({
      action: 'team.added',
      summary: `added ${account.name} to the team as ${roleNames[person.role].toLowerCase()}`,
      subject: account.id,
    })
  })
}

export async function removeColleague(
  ctx: Context,
  service: Service,
  person: { accountId: string; role: ServiceRole },
): Promise<void> {
  await act(ctx, { permission: 'team.manage', service: service.id, topic: 'team' }, async (tx, record) => {
    if (person.role === 'service-manager') throw new Refusal('one-service-manager')
    const member = (await membersOf(tx, service.id)).find(
      ({ accountId, role }) => accountId === person.accountId && role === person.role,
    )
    if (member === undefined) throw new Refusal('member-unknown')
    await removeMember(tx, person.accountId, service.id, person.role)
    await endOtherSessions(ctx, tx, person.accountId)
    record({
      action: 'team.removed',
      summary: `took ${member.name} off the team as ${roleNames[person.role].toLowerCase()}`,
      subject: person.accountId,
    })
  })
}

/** There is exactly one service manager: the service is handed over, never left without. */
export async function handOver(ctx: Context, service: Service, email: string): Promise<void> {
  await act(
    ctx,
    { permission: 'team.manage', service: service.id, topic: 'team', confirmed: true },
    async (tx, record) => {
      const next = await findAccountByEmail(tx, email)
      if (next === null) throw new Refusal('member-unknown')
      const before = await serviceManagerOf(tx, service.id)
      if (before !== null) {
        await removeMember(tx, before, service.id, 'service-manager')
        await addMember(tx, {
          accountId: before,
          serviceId: service.id,
          role: 'product',
          at: ctx.clock.now(),
        })
        await endOtherSessions(ctx, tx, before)
      }
      await addMember(tx, { accountId: next.id, serviceId: service.id, role: 'service-manager', at: ctx.clock.now() })
      await announceRights(tx, { kind: 'account', id: next.id })
      record({ action: 'team.handed-over', summary: `handed the service over to ${next.name}`, subject: next.id })
    },
  )
}

/** Of the one accountable person it is on record what skills there are for it. */
export async function recordSkills(ctx: Context, service: Service, skills: string): Promise<void> {
  await act(ctx, { permission: 'team.manage', service: service.id, topic: 'team' }, async (tx, record) => {
    await setSkills(tx, service.id, 'service-manager', skills)
    record({
      action: 'team.skills-recorded',
      summary: 'recorded the skills of the service manager',
      detail: { skills },
    })
  })
}

// Walking the journey

const walkMs = 30 * 60_000

/** A single-use way onto the service's own host, where the gateway tells which pages this person sees. */
export async function startWalk(ctx: Context, service: Service): Promise<string> {
  const code = newSecret()
  await act(ctx, { permission: 'service.walk', service: service.id, topic: 'walk' }, async (tx, record) => {
    if (ctx.actor.kind !== 'account') throw new Refusal('not-signed-in')
    const at = ctx.clock.now()
    await insertWalk(tx, {
      serviceId: service.id,
      codeHash: hashSecret(code),
      accountId: ctx.actor.accountId,
      at,
      expiresAt: new Date(at.getTime() + walkMs),
    })
    record({ action: 'service.walk-started', summary: 'began to walk the journey' })
  })
  return code
}

export async function stopWalk(ctx: Context, service: Service): Promise<void> {
  await act(ctx, { permission: 'service.walk', service: service.id, topic: 'walk' }, async (tx, record) => {
    await endWalk(tx, service.id, ctx.clock.now())
    record({ action: 'service.walk-ended', summary: 'finished walking the journey' })
  })
}
