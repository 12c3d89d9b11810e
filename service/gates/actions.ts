import {
  act,
  actorName,
  notify,
  Refusal,
  roleNames,
  rolesOf,
  type Context,
  type Permission,
  type Record,
  type ServiceRole,
  type Tx,
} from '../platform/index.ts'
import { examine, NotTaken, type Examined } from '../platform/attachments/index.ts'
import { findServiceById, movePhase, phaseOf, type Service } from '../services/index.ts'
import { changeOpening } from '../admission/index.ts'
import { insertAttachment } from './attachment-store.ts'
import { freezeEvidence, freezeGate, missingInWords } from './freeze.ts'
import type { CriterionView, Day, Evidence, GateView, VerdictKind } from './gates.ts'
import { gateAfter, type OutcomeKind } from './playbook.ts'
import { gatesContent, playbookOf, readGate } from './reads.ts'
import {
  blockingSignals,
  dayOf,
  list,
  refuseDependentSignOff,
  refuseEndlessWaiver,
  refuseForeignVerdict,
  refuseImpossible,
  refuseMetWithoutEvidence,
} from './rules.ts'
import {
  insertChosenPlaybook,
  insertDecision,
  insertEvidence,
  insertPlannedFor,
  insertSignalWaiver,
  insertSignOff,
  insertVerdict,
  lockGates,
  withdrawEvidence,
} from './store.ts'

const dayMs = 86_400_000

interface AtGate {
  tx: Tx
  record: Record
  service: Service
  view: GateView
  now: Date
}

/** One act at a gate: locked against others, on the service and the data as this transaction sees them. */
async function atGate<T>(
  ctx: Context,
  where: { permission: Permission; service: Service; gate: string; topic?: string; confirmed?: boolean },
  work: (at: AtGate) => Promise<T>,
): Promise<T> {
  const deed = {
    permission: where.permission,
    service: where.service.id,
    topic: where.topic ?? 'gate',
    confirmed: where.confirmed ?? false,
  }
  return act(ctx, deed, async (tx, record) => {
    await lockGates(tx, where.service.id)
    const service = await findServiceById(tx, where.service.id)
    const now = ctx.clock.now()
    const view = service === null ? null : await readGate(tx, now, service, where.gate)
    if (service === null || view === null) throw new Refusal('not-found')
    return work({ tx, record, service, view, now })
  })
}

/** GATE-4: only a named person's session. A key is answered with what it can do instead. */
function person(ctx: Context): { accountId: string; name: string } {
  if (ctx.actor.kind !== 'account') throw new Refusal('verdict-by-key')
  return ctx.actor
}

function criterionOf(view: GateView, id: string): CriterionView {
  const found = view.criteria.find(({ criterion }) => criterion.id === id)
  if (found === undefined) throw new Refusal('not-found')
  return found
}

export interface VerdictWanted {
  gate: string
  criterion: string
  kind: Exclude<VerdictKind, 'waived'>
  reason: string
}

export async function giveVerdict(ctx: Context, service: Service, wanted: VerdictWanted): Promise<string> {
  const { accountId, name } = person(ctx)
  return atGate(
    ctx,
    { permission: 'gate.verdict', service, gate: wanted.gate },
    async ({ tx, record, view, now, service: current }) => {
      const at = criterionOf(view, wanted.criterion)
      const role = refuseForeignVerdict(at.criterion, await rolesOf(tx, accountId, service.id))
      refuseMetWithoutEvidence(wanted.kind, at.lacks)
      const frozen = freezeEvidence(at, view.playbook)
      const id = await insertVerdict(tx, service.id, {
        ...wanted,
        phase: current.phase,
        by: name,
        byAccount: accountId,
        role,
        at: now,
        waiver: null,
        frozen,
      })
      record({
        action: 'gate.verdict',
        summary: `said ${wanted.kind === 'met' ? 'met' : 'not met'} of “${at.criterion.title}”`,
        reason: wanted.reason,
        subject: `${wanted.gate}/${wanted.criterion}`,
        detail: { kind: wanted.kind, frozen },
      })
      return id
    },
  )
}

export interface WaiverWanted {
  gate: string
  criterion: string
  reason: string
  owner: string
  endsOn: Day
  /** `criterion` for the criterion itself, or ids of its blocking signals: each is waived by name. */
  targets: string[]
}

/** GATE-7, GATE-10. */
export async function waive(ctx: Context, service: Service, wanted: WaiverWanted): Promise<void> {
  const { accountId, name } = person(ctx)
  await atGate(
    ctx,
    { permission: 'gate.waive', service, gate: wanted.gate },
    async ({ tx, record, view, now, service: current }) => {
      const at = criterionOf(view, wanted.criterion)
      const latest = dayOf(new Date(now.getTime() + 365 * dayMs), service.timeZone)
      refuseEndlessWaiver(wanted.endsOn, dayOf(now, service.timeZone), latest)
      const { gate, criterion, reason, owner, endsOn } = wanted
      const common = { criterion, reason, by: name, byAccount: accountId, at: now }
      const blocking = new Set(blockingSignals(at).map(({ asked }) => asked.id))
      for (const target of new Set(wanted.targets)) {
        if (target === 'criterion') {
          const roles = await rolesOf(tx, accountId, service.id)
          const role = roles.includes('service-manager') ? 'service-manager' : 'risk-owner'
          const frozen = freezeEvidence(at, view.playbook)
          const verdict = {
            ...common,
            gate,
            kind: 'waived' as const,
            phase: current.phase,
            role,
            waiver: { owner, endsOn },
            frozen,
          } as const
          await insertVerdict(tx, service.id, verdict)
        } else {
          if (!blocking.has(target)) throw new Refusal('not-found')
          await insertSignalWaiver(tx, service.id, gate, { ...common, owner, endsOn, signal: target })
        }
        const what =
          target === 'criterion' ? `“${at.criterion.title}”` : `the signal ${target} of “${at.criterion.title}”`
        record({
          action: 'gate.waived',
          summary: `waived ${what} until ${endsOn}; ${owner} sees to it`,
          reason,
          subject: `${gate}/${criterion}`,
          detail: wanted,
        })
      }
    },
  )
}

export type EvidenceWanted = Pick<
  Evidence,
  'criterion' | 'asked' | 'title' | 'url' | 'note' | 'dated' | 'owner' | 'says'
>

/** Links and notes with a day and an owner. What a key says of a criterion is kept here too, as evidence (GATE-4). */
export async function attachEvidence(
  ctx: Context,
  service: Service,
  wanted: EvidenceWanted,
  sent: { name: string; bytes: Buffer } | null = null,
): Promise<string> {
  const file = sent === null ? null : await examined(ctx, sent)
  return act(ctx, { permission: 'gate.evidence', service: service.id, topic: 'gate' }, async (tx, record) => {
    const playbook = await playbookOf(tx, service)
    const criterion = playbook.criteria.find(({ id }) => id === wanted.criterion)
    if (criterion === undefined) throw new Refusal('not-found')
    const asked = criterion.evidence.some(({ id }) => id === wanted.asked) ? wanted.asked : null
    const byAccount = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
    const id = await insertEvidence(tx, service.id, {
      ...wanted,
      asked,
      by: actorName(ctx.actor),
      byAccount,
      at: ctx.clock.now(),
    })
    if (file !== null) await insertAttachment(tx, id, file)
    const attachment = file === null ? null : { name: file.name, type: file.type, size: file.size, sha256: file.sha256 }
    record({
      action: 'gate.evidence',
      summary: `attached “${wanted.title}”, dated ${wanted.dated}, to “${criterion.title}”`,
      subject: wanted.criterion,
      detail: { ...wanted, id, attachment },
    })
    return id
  })
}

/** Before the transaction: reading a file takes longer than keeping it. */
async function examined(ctx: Context, sent: { name: string; bytes: Buffer }): Promise<Examined> {
  if (!ctx.disk.hasRoom()) throw new Refusal('no-room')
  try {
    return await examine(sent)
  } catch (error) {
    if (error instanceof NotTaken) throw new Refusal('attachment-not-taken', { because: error.message })
    throw error
  }
}

export async function setEvidenceAside(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'gate.evidence', service: service.id, topic: 'gate' }, async (tx, record) => {
    const title = await withdrawEvidence(tx, service.id, id, ctx.clock.now())
    if (title === null) throw new Refusal('not-found')
    record({
      action: 'gate.evidence-aside',
      summary: `set “${title}” aside; verdicts that rested on it keep naming it`,
      subject: id,
    })
  })
}

/** GATE-12. */
export async function sign(
  ctx: Context,
  service: Service,
  wanted: { gate: string; role: ServiceRole; note: string },
): Promise<void> {
  const { accountId, name } = person(ctx)
  await atGate(ctx, { permission: 'gate.sign', service, gate: wanted.gate }, async ({ tx, record, view, now }) => {
    const found = view.signOffs.find(({ asked }) => asked.role === wanted.role)
    if (found === undefined) throw new Refusal('not-found')
    const roles = await rolesOf(tx, accountId, service.id)
    if (!roles.includes(wanted.role))
      throw new Refusal('sign-off-not-yours', { role: roleNames[wanted.role].toLowerCase() })
    refuseDependentSignOff(found.asked, accountId, view.criteria)
    await insertSignOff(tx, service.id, { ...wanted, by: name, byAccount: accountId, at: now })
    record({
      action: 'gate.signed',
      summary: `signed as ${roleNames[wanted.role].toLowerCase()}: “${found.asked.says}”`,
      subject: wanted.gate,
      ...(wanted.note === '' ? {} : { reason: wanted.note }),
    })
  })
}

export async function planGate(
  ctx: Context,
  service: Service,
  wanted: { gate: string; day: Day | null },
): Promise<void> {
  await atGate(ctx, { permission: 'gate.decide', service, gate: wanted.gate }, async ({ tx, record, view, now }) => {
    await insertPlannedFor(tx, service.id, { ...wanted, at: now, by: actorName(ctx.actor) })
    const summary = wanted.day === null ? 'took back the date of' : `set ${wanted.day} as the date of`
    record({ action: 'gate.planned', summary: `${summary} the gate “${view.gate.name}”`, subject: wanted.gate })
  })
}

export interface DecisionWanted {
  gate: string
  outcome: OutcomeKind
  reason: string
  /** In thousandths of a percent; null to leave the share as it is. */
  firstShare: number | null
}

/** GATE-13, GATE-14, GATE-16: the decision, the move of the phase and the first share are one transaction. */
export async function decideGate(
  ctx: Context,
  service: Service,
  wanted: DecisionWanted,
): Promise<{ id: string; to: string }> {
  const where = { permission: 'gate.decide', service, gate: wanted.gate, topic: 'phase', confirmed: true } as const
  return atGate(ctx, where, async (at) => {
    const { tx, record, view, now, service: current } = at
    const waiver = ctx.actor.kind === 'key' ? waiverOfKey(ctx, view) : null
    const outcome = waiver === null ? refuseImpossible(view, wanted.outcome) : outcomeForKey(view, wanted.outcome)
    const opens = outcome.kind === 'go' || outcome.kind === 'go-with-actions'
    const firstShare = opens && view.gate.firstShare === true ? wanted.firstShare : null
    const frozen = freezeGate(view, firstShare)
    const by = { by: actorName(ctx.actor), byAccount: ctx.actor.kind === 'account' ? ctx.actor.accountId : null }
    const to = outcome.to
    const decision = {
      gate: view.gate.id,
      outcome: outcome.kind,
      from: current.phase,
      to,
      reason: wanted.reason,
      ...by,
      waiver,
      at: now,
    }
    const id = await insertDecision(tx, service.id, { ...decision, frozen })
    record({
      action: 'gate.decided',
      summary: `decided at the gate “${view.gate.name}”: ${outcome.label.toLowerCase()}`,
      reason: wanted.reason,
      subject: view.gate.id,
      detail: { ...decision, id, frozen },
    })
    if (to !== current.phase) {
      const skips = outcome.kind === 'stop' ? `Stopped in ${phaseOf(current).name.toLowerCase()}` : null
      await movePhase(ctx, tx, record, { service: current, to, reason: wanted.reason, waiver: waiver ?? skips })
    }
    if (firstShare !== null)
      await changeOpening(ctx, tx, record, { service: current, share: firstShare, reason: wanted.reason })
    await tell(ctx, at, outcome.label, wanted.reason)
    return { id, to }
  })
}

async function tell(ctx: Context, { tx, service, view }: AtGate, label: string, reason: string): Promise<void> {
  const href = `/services/${service.key}/gates/${view.gate.id}`
  await notify(ctx, tx, { service: service.id, title: `${view.gate.name}: ${label}`, body: reason, href })
}

/** GATE-16: a key moves a phase only with everything that was missing on record. */
function waiverOfKey(ctx: Context, view: GateView): string {
  const missing = view.missing.map(missingInWords)
  return `Moved by ${actorName(ctx.actor)}. ${missing.length === 0 ? 'Nothing was missing' : `Missing then: ${list(missing)}`}`
}

function outcomeForKey(view: GateView, kind: OutcomeKind) {
  const outcome = view.outcomes.find((each) => each.kind === kind)
  if (outcome === undefined) throw new Refusal('outcome-unknown')
  const elsewhere = view.missing.some((item) => item.kind === 'phase')
  if (elsewhere) throw new Refusal('gate-not-ready', { because: outcome.because ?? '' })
  return outcome
}

/** Between phases with no gate there is nothing to evaluate; the move still has a name, a reason and a place in history. */
export async function moveWithoutGate(
  ctx: Context,
  service: Service,
  wanted: { to: string; reason: string; waiver: string | null },
): Promise<void> {
  const deed = { permission: 'gate.decide', service: service.id, topic: 'phase', confirmed: true } as const
  await act(ctx, deed, async (tx, record) => {
    await lockGates(tx, service.id)
    const current = await findServiceById(tx, service.id)
    if (current === null) throw new Refusal('not-found')
    const gate = gateAfter(await playbookOf(tx, current), current.phase)
    if (gate !== null) throw new Refusal('gate-stands-between', { gate: gate.name })
    await movePhase(ctx, tx, record, { service: current, ...wanted })
  })
}

/** GATE-15. */
export async function movePlaybook(ctx: Context, service: Service, version: string): Promise<void> {
  await act(ctx, { permission: 'gate.decide', service: service.id, topic: 'gate' }, async (tx, record) => {
    await lockGates(tx, service.id)
    const current = await playbookOf(tx, service)
    const next = gatesContent().playbooks.find(current.id, version)
    if (next === null) throw new Refusal('not-found')
    await insertChosenPlaybook(tx, service.id, { id: next.id, version, at: ctx.clock.now(), by: actorName(ctx.actor) })
    record({
      action: 'gate.playbook-moved',
      summary: `moved the service from ${current.name} ${current.version} to ${next.version}; verdicts on unchanged criteria stay`,
      detail: { from: current.version, to: version },
    })
  })
}
