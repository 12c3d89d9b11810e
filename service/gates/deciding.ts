import { act, actorName, may, notify, Refusal, rolesOf, type Context, type Record, type Tx } from '../platform/index.ts'
import { changeOpening } from '../admission/index.ts'
import { moveStageIn } from '../features/index.ts'
import { movePhase } from '../services/index.ts'
import { atGate, recordOf, type AtGate } from './at-gate.ts'
import { freezeGate, missingInWords } from './freeze.ts'
import type { GateView, OutcomeView } from './gates.ts'
import { gateAfter, type OutcomeKind } from './playbook.ts'
import { ownRoles, playbookOf } from './reads.ts'
import { list, refuseForeignDecision, refuseImpossible } from './rules.ts'
import { insertDecision, lockGates } from './store.ts'
import { homeOf, phaseNow, readAgain, subjectKey, type Subject } from './subject.ts'

export interface DecisionWanted {
  gate: string
  outcome: OutcomeKind
  reason: string
  /** In thousandths of a percent; null to leave the share as it is. */
  firstShare: number | null
}

/** At the gates of a feature more roles decide than at those of a service; which of them, each gate says (GATE-20). */
export const decidePermission = {
  service: 'gate.decide',
  feature: 'gate.decide-feature',
} as const

/** GATE-13, GATE-14, GATE-16: the decision, the move of the phase and the first share are one transaction. */
export async function decideGate(
  ctx: Context,
  subject: Subject,
  wanted: DecisionWanted,
): Promise<{ id: string; to: string }> {
  const permission = decidePermission[subject.kind]
  return atGate(ctx, { permission, subject, gate: wanted.gate, topic: 'phase', confirmed: true }, async (at) => {
    const { tx, record, view, now, subject: current } = at
    if (ctx.actor.kind === 'account')
      refuseForeignDecision(view.gate, await rolesOf(tx, ctx.actor.accountId, current.service.id))
    const waiver = ctx.actor.kind === 'key' ? waiverOfKey(ctx, view) : null
    const outcome = waiver === null ? refuseImpossible(view, wanted.outcome) : outcomeForKey(view, wanted.outcome)
    const opens = outcome.kind === 'go' || outcome.kind === 'go-with-actions'
    const firstShare = opens && view.gate.firstShare === true ? wanted.firstShare : null
    const frozen = freezeGate(view, firstShare)
    const by = { by: actorName(ctx.actor), byAccount: ctx.actor.kind === 'account' ? ctx.actor.accountId : null }
    const { to } = outcome
    const from = phaseNow(current)
    const decision = {
      gate: view.gate.id,
      outcome: outcome.kind,
      from: from.id,
      to,
      reason: wanted.reason,
      ...by,
      waiver,
      at: now,
    }
    const id = await insertDecision(tx, subjectKey(current), { ...decision, frozen })
    record({
      action: 'gate.decided',
      summary: `decided at the gate “${view.gate.name}”: ${outcome.label.toLowerCase()}`,
      reason: wanted.reason,
      subject: view.gate.id,
      detail: { ...decision, id, frozen },
    })
    const stopped = outcome.kind === 'stop' ? `Stopped in ${from.name.toLowerCase()}` : null
    if (to !== from.id) await move(ctx, at, { to, reason: wanted.reason, waiver: waiver ?? stopped })
    if (firstShare !== null)
      await changeOpening(ctx, tx, record, { service: current.service, share: firstShare, reason: wanted.reason })
    await tell(ctx, at, outcome.label, wanted.reason)
    return { id, to }
  })
}

/** GATE-20: as the acts ask it. */
export async function mayDecideAt(ctx: Context, subject: Subject, { gate }: GateView): Promise<boolean> {
  if (!(await may(ctx, decidePermission[subject.kind], subject.service.id))) return false
  if (ctx.actor.kind !== 'account' || gate.decidedBy === undefined) return true
  const roles = await ownRoles(ctx, subject)
  return gate.decidedBy.some((role) => roles.includes(role))
}

interface Move {
  to: string
  reason: string
  waiver: string | null
}

async function move(
  ctx: Context,
  { tx, record, subject }: { tx: Tx; record: Record; subject: Subject },
  wanted: Move,
): Promise<void> {
  if (subject.kind === 'service') await movePhase(ctx, tx, record, { service: subject.service, ...wanted })
  else await moveStageIn(ctx, { tx, record }, { service: subject.service, feature: subject.feature, ...wanted })
}

async function tell(ctx: Context, { tx, subject, view }: AtGate, label: string, reason: string): Promise<void> {
  const href = `${homeOf(subject)}/gates/${view.gate.id}`
  const of = subject.kind === 'feature' ? `${subject.feature.name}, ${view.gate.name.toLowerCase()}` : view.gate.name
  await notify(ctx, tx, { service: subject.service.id, title: `${of}: ${label}`, body: reason, href })
}

/** GATE-16: a key moves a phase only with everything that was missing on record. */
function waiverOfKey(ctx: Context, view: GateView): string {
  const missing = view.missing.map(missingInWords)
  return `Moved by ${actorName(ctx.actor)}. ${missing.length === 0 ? 'Nothing was missing' : `Missing then: ${list(missing)}`}`
}

function outcomeForKey(view: GateView, kind: OutcomeKind): OutcomeView {
  const outcome = view.outcomes.find((each) => each.kind === kind)
  if (outcome === undefined) throw new Refusal('outcome-unknown')
  const elsewhere = view.missing.some((item) => item.kind === 'phase')
  if (elsewhere) throw new Refusal('gate-not-ready', { because: outcome.because ?? '' })
  return outcome
}

/** Between phases with no gate there is nothing to evaluate; the move still has a name, a reason and a place in history. */
export async function moveWithoutGate(ctx: Context, subject: Subject, wanted: Move): Promise<void> {
  const deed = {
    permission: decidePermission[subject.kind],
    service: subject.service.id,
    topic: 'phase',
    confirmed: true,
  } as const
  await act(ctx, deed, async (tx, record) => {
    await lockGates(tx, subject.service.id)
    const current = await readAgain(tx, subject)
    if (current === null) throw new Refusal('not-found')
    const gate = gateAfter(await playbookOf(tx, current), phaseNow(current).id)
    if (gate !== null) throw new Refusal('gate-stands-between', { gate: gate.name })
    await move(ctx, { tx, record: recordOf(current, record), subject: current }, wanted)
  })
}
