import {
  calendarDayOf,
  longDayWords,
  act,
  actorName,
  mustHaveCome,
  Refusal,
  roleNames,
  rolesOf,
  type Context,
  type ServiceRole,
} from '../platform/index.ts'
import { examine, NotTaken, type Examined } from '../platform/attachments/index.ts'
import { atGate, person } from './at-gate.ts'
import { insertAttachment } from './attachment-store.ts'
import { decidePermission } from './deciding.ts'
import { freezeEvidence } from './freeze.ts'
import type { CriterionView, Day, Evidence, GateView, VerdictKind } from './gates.ts'
import { gatesContent, playbookOf } from './reads.ts'
import {
  blockingSignals,
  refuseDependentSignOff,
  refuseEndlessWaiver,
  refuseForeignVerdict,
  refuseMetWithoutEvidence,
  refuseNeedlessWaiver,
} from './rules.ts'
import {
  insertChosenPlaybook,
  insertEvidence,
  insertPlannedFor,
  insertSignalWaiver,
  insertSignOff,
  insertVerdict,
  lockGates,
  withdrawEvidence,
} from './store.ts'
import { phaseNow, subjectKey, type Subject } from './subject.ts'

const dayMs = 86_400_000

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

export async function giveVerdict(ctx: Context, subject: Subject, wanted: VerdictWanted): Promise<string> {
  const { accountId, name } = person(ctx)
  return atGate(
    ctx,
    { permission: 'gate.verdict', subject, gate: wanted.gate },
    async ({ tx, record, view, now, subject: current }) => {
      const at = criterionOf(view, wanted.criterion)
      const role = refuseForeignVerdict(at.criterion, await rolesOf(tx, accountId, subject.service.id))
      refuseMetWithoutEvidence(wanted.kind, at.lacks)
      const frozen = freezeEvidence(at, view.playbook)
      const id = await insertVerdict(tx, subjectKey(subject), {
        ...wanted,
        phase: phaseNow(current).id,
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
export async function waive(ctx: Context, subject: Subject, wanted: WaiverWanted): Promise<void> {
  const { accountId, name } = person(ctx)
  await atGate(
    ctx,
    { permission: 'gate.waive', subject, gate: wanted.gate },
    async ({ tx, record, view, now, subject: current }) => {
      const at = criterionOf(view, wanted.criterion)
      const latest = calendarDayOf(new Date(now.getTime() + 365 * dayMs), subject.service.timeZone)
      refuseEndlessWaiver(wanted.endsOn, calendarDayOf(now, subject.service.timeZone), latest)
      const { gate, criterion, reason, owner, endsOn } = wanted
      const common = { criterion, reason, by: name, byAccount: accountId, at: now }
      const blocking = new Set(blockingSignals(at).map(({ asked }) => asked.id))
      for (const target of new Set(wanted.targets)) {
        if (target === 'criterion') {
          const roles = await rolesOf(tx, accountId, subject.service.id)
          const role = roles.includes('service-manager') ? 'service-manager' : 'risk-owner'
          const frozen = freezeEvidence(at, view.playbook)
          const verdict = {
            ...common,
            gate,
            kind: 'waived' as const,
            phase: phaseNow(current).id,
            role,
            waiver: { owner, endsOn },
            frozen,
          } as const
          await insertVerdict(tx, subjectKey(subject), verdict)
        } else {
          if (!blocking.has(target)) throw new Refusal('not-found')
          await insertSignalWaiver(tx, subjectKey(subject), gate, { ...common, owner, endsOn, signal: target })
        }
        const what =
          target === 'criterion' ? `“${at.criterion.title}”` : `the signal ${target} of “${at.criterion.title}”`
        record({
          action: 'gate.waived',
          summary: `waived ${what} until ${longDayWords(endsOn)}; ${owner} sees to it`,
          reason,
          subject: `${gate}/${criterion}`,
          detail: wanted,
        })
      }
    },
  )
}

/** GATE-19: a condition of the gate itself, by name: that is how a soaking time is left before it has run out. */
export async function waiveCondition(
  ctx: Context,
  subject: Subject,
  wanted: { gate: string; condition: string; reason: string; owner: string; endsOn: Day },
): Promise<void> {
  const { accountId, name } = person(ctx)
  const { gate, condition, reason, owner, endsOn } = wanted
  await atGate(ctx, { permission: 'gate.waive', subject, gate }, async ({ tx, record, view, now }) => {
    const { timeZone } = subject.service
    const latest = calendarDayOf(new Date(now.getTime() + 365 * dayMs), timeZone)
    refuseEndlessWaiver(endsOn, calendarDayOf(now, timeZone), latest)
    refuseNeedlessWaiver(view, condition)
    const common = { reason, owner, endsOn, by: name, byAccount: accountId, at: now }
    await insertSignalWaiver(tx, subjectKey(subject), gate, { ...common, criterion: null, signal: condition })
    const said = view.conditions.find(({ asked }) => asked.id === condition)?.asked.says ?? condition
    record({
      action: 'gate.waived',
      summary: `waived “${said}” at “${view.gate.name}” until ${longDayWords(endsOn)}; ${owner} sees to it`,
      reason,
      subject: gate,
      detail: wanted,
    })
  })
}

export type EvidenceWanted = Pick<
  Evidence,
  'criterion' | 'asked' | 'title' | 'url' | 'note' | 'dated' | 'owner' | 'says'
>

/** Links and notes with a day and an owner. What a key says of a criterion is kept here too, as evidence (GATE-4). */
export async function attachEvidence(
  ctx: Context,
  subject: Subject,
  wanted: EvidenceWanted,
  sent: { name: string; bytes: Buffer } | null = null,
): Promise<string> {
  const file = sent === null ? null : await examined(ctx, sent)
  return act(ctx, { permission: 'gate.evidence', service: subject.service.id, topic: 'gate' }, async (tx, record) => {
    // Its age counts from that day: one ahead would keep it young.
    mustHaveCome(wanted.dated, subject.service, ctx.clock.now())
    const playbook = await playbookOf(tx, subject)
    const criterion = playbook.criteria.find(({ id }) => id === wanted.criterion)
    if (criterion === undefined) throw new Refusal('not-found')
    const asked = criterion.evidence.some(({ id }) => id === wanted.asked) ? wanted.asked : null
    const byAccount = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
    const id = await insertEvidence(tx, subjectKey(subject), {
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
      summary: `attached “${wanted.title}”, dated ${longDayWords(wanted.dated)}, to “${criterion.title}”`,
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

export async function setEvidenceAside(ctx: Context, subject: Subject, id: string): Promise<void> {
  await act(ctx, { permission: 'gate.evidence', service: subject.service.id, topic: 'gate' }, async (tx, record) => {
    const title = await withdrawEvidence(tx, subjectKey(subject), id, ctx.clock.now())
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
  subject: Subject,
  wanted: { gate: string; role: ServiceRole; note: string },
): Promise<void> {
  const { accountId, name } = person(ctx)
  await atGate(ctx, { permission: 'gate.sign', subject, gate: wanted.gate }, async ({ tx, record, view, now }) => {
    const found = view.signOffs.find(({ asked }) => asked.role === wanted.role)
    if (found === undefined) throw new Refusal('not-found')
    const roles = await rolesOf(tx, accountId, subject.service.id)
    if (!roles.includes(wanted.role))
      throw new Refusal('sign-off-not-yours', { role: roleNames[wanted.role].toLowerCase() })
    refuseDependentSignOff(found.asked, accountId, view.criteria)
    await insertSignOff(tx, subjectKey(subject), { ...wanted, by: name, byAccount: accountId, at: now })
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
  subject: Subject,
  wanted: { gate: string; day: Day | null },
): Promise<void> {
  await atGate(
    ctx,
    { permission: decidePermission[subject.kind], subject, gate: wanted.gate },
    async ({ tx, record, view, now }) => {
      await insertPlannedFor(tx, subjectKey(subject), { ...wanted, at: now, by: actorName(ctx.actor) })
      const summary = wanted.day === null ? 'took back the date of' : `set ${wanted.day} as the date of`
      record({ action: 'gate.planned', summary: `${summary} the gate “${view.gate.name}”`, subject: wanted.gate })
    },
  )
}

/** GATE-15. */
export async function movePlaybook(ctx: Context, subject: Subject, version: string): Promise<void> {
  await act(
    ctx,
    { permission: decidePermission[subject.kind], service: subject.service.id, topic: 'gate' },
    async (tx, record) => {
      await lockGates(tx, subject.service.id)
      const current = await playbookOf(tx, subject)
      const next = gatesContent().playbooks.find(current.id, version)
      if (next === null) throw new Refusal('not-found')
      await insertChosenPlaybook(tx, subjectKey(subject), {
        id: next.id,
        version,
        at: ctx.clock.now(),
        by: actorName(ctx.actor),
      })
      record({
        action: 'gate.playbook-moved',
        summary: `moved the ${subject.kind} from ${current.name} ${current.version} to ${next.version}; verdicts on unchanged criteria stay`,
        detail: { from: current.version, to: version },
      })
    },
  )
}
