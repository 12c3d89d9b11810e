import {
  bucket,
  decide,
  type CompiledService,
  type Decided,
  type LettingRung,
} from '../../packages/admission/src/index.ts'
import type { Context, Problem } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import {
  invitationDays,
  type CountByRung,
  type Device,
  type Halt,
  type Invitation,
  type Places,
  type PreviewLink,
  type Rollout,
} from './admission.ts'
import type { SendingRule } from './batches/batch.ts'
import { brokenOff } from './batches/preparing.ts'
import { batchesOf, type BatchRow } from './batches/reads.ts'
import { readSendingRule } from './batches/store.ts'
import { readDay, type DayLimit } from './day-limit.ts'
import { asShown, type ShownInvitation } from './invitations/shown.ts'
import { invitationOf, invitations } from './invitations/store.ts'
import { ladderOf, type LadderView } from './ladder.ts'
import { countLadder } from './ladder-reads.ts'
import {
  admissionSummary,
  cohorts,
  countWaiting,
  legacyHealth,
  type AdmissionSummary,
  type CohortRow,
  type Funnel,
  type LegacyHealth,
} from './reads.ts'
import type { Snapshots } from './snapshots.ts'
import { devicesOf, findParticipant } from './participant-store.ts'
import { findAdmission, readRollout } from './store.ts'
import { previewLinks } from './team-ways-store.ts'
import { questionsOf } from './waitlist/store.ts'
import type { Question } from './waitlist/waitlist.ts'

/** Everything of the page “Who gets in”, read at once. */
export interface DoorView {
  summary: AdmissionSummary
  rollout: Rollout
  places: Places
  counts: CountByRung
  ladder: LadderView
  funnel: Funnel
  cohorts: CohortRow[]
  invitations: ShownInvitation[]
  waiting: number
  day: DayLimit
  batches: (BatchRow & { brokeOff: string | null })[]
  sendingRule: SendingRule
  questions: Question[]
  previews: PreviewLink[]
  halt: Halt | null
  legacy: LegacyHealth | null
  invitationDays: number
}

const shownBatches = 20
const shownInvitations = { first: 20, all: 2_000 }

export async function readDoorView(
  ctx: Context,
  snapshots: Snapshots,
  service: Service,
  list: keyof typeof shownInvitations = 'first',
): Promise<DoorView> {
  const { db } = ctx
  const at = ctx.clock.now()
  const day = { from: new Date(at.getTime() - 86_400_000), to: at }
  const [
    summary,
    rollout,
    counts,
    groups,
    shown,
    waiting,
    previews,
    legacy,
    batches,
    sendingRule,
    questions,
    dayLimit,
  ] = await Promise.all([
    admissionSummary(db, service, at),
    readRollout(db, service.id),
    countLadder(db, service.id),
    cohorts(db, service.id),
    invitations(db, service.id, at, shownInvitations[list]),
    countWaiting(db, service.id),
    previewLinks(db, service.id, at),
    legacyHealth(db, service.id, day),
    batchesOf(db, service.id, shownBatches),
    readSendingRule(db, service.id),
    questionsOf(db, service.id),
    readDay(db, service, at),
  ])
  const halt = snapshots.halts.of(service.id)
  return {
    summary,
    rollout,
    places: summary.places,
    counts: counts.letIn,
    ladder: ladderOf(service, counts, halt !== null),
    funnel: summary.funnel,
    cohorts: groups,
    invitations: await asShown(ctx, service, shown),
    waiting,
    day: dayLimit,
    batches: batches.map((batch) => ({ ...batch, brokeOff: brokenOff(batch, at) })),
    sendingRule,
    questions,
    previews,
    halt,
    legacy,
    invitationDays,
  }
}

/** ADM-51: whoever may not see people asks by reference only. */
export function isAddressHidden(who: string, maySeePeople: boolean): boolean {
  return who.includes('@') && !maySeePeople
}

export const addressHidden: Problem = {
  field: 'who',
  message: 'Enter a reference: your role does not see addresses of people',
}

/** Why one person is in or out. */
export type PersonView =
  | { kind: 'unknown'; who: string }
  | { kind: 'invited'; who: string; invitation: Invitation }
  | {
      kind: 'known'
      who: string
      unit: string
      decision: Decided
      /** Where the unit stands in the draw, in percent. */
      drawnAt: number
      admission: { rung: LettingRung; at: Date; by: string } | null
      invitation: Invitation | null
      devices: Device[]
    }

/** By the address of somebody who takes part or was invited, or by a unit, known or not. */
export async function explainPerson(
  ctx: Context,
  snapshots: Snapshots,
  service: Service,
  who: string,
): Promise<PersonView> {
  const { db } = ctx
  const at = ctx.clock.now()
  await snapshots.caughtUp()
  const isAddress = who.includes('@')
  const person = await findParticipant(db, service.id, isAddress ? { address: who } : { unit: who })
  const address = isAddress ? who : person?.address
  const invitation = address === null || address === undefined ? null : await invitationOf(db, service.id, address, at)
  const compiled = snapshots.compiled().services.get(service.key)
  const unit = person?.unit ?? (isAddress ? null : who)
  if (unit === null || compiled === undefined) {
    return invitation === null ? { kind: 'unknown', who } : { kind: 'invited', who, invitation }
  }
  const decision = decide(snapshots.compiled(), service.key, { targetingKey: unit }, at)
  if (decision.kind === 'failed') return { kind: 'unknown', who }
  return {
    kind: 'known',
    who,
    unit,
    decision,
    drawnAt: drawnAt(compiled, unit),
    admission: await findAdmission(db, service.id, unit),
    invitation,
    devices: person === null ? [] : await devicesOf(db, person.id),
  }
}

function drawnAt(service: CompiledService, unit: string): number {
  return bucket(service.salt, unit) / 1000
}
