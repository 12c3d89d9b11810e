import {
  lowestCeiling,
  reaches,
  type Ceiling,
  type LettingRung,
  type Rung,
} from '../../packages/admission/src/index.ts'
import { Refusal } from '../platform/index.ts'
import { repeatMs, wholeShare, type InvitationState, type Places, type Rollout } from './admission.ts'

/** ADM-2: what would count only under a higher ceiling is refused, with the words for whom it would let in. */
export function refuseAboveCeiling(ceiling: Ceiling, rung: LettingRung): void {
  if (!reaches(ceiling, lowestCeiling[rung])) throw new Refusal('above-ceiling', { who: whoOf[rung] })
}

const whoOf: Record<LettingRung, string> = {
  preview: 'people with a preview link',
  staff: 'the team',
  invited: 'invited people',
  join: 'everybody who wants to join',
  rules: 'everybody for whom a rule holds',
  share: 'a share of everybody',
}

/** ADM-21 */
export function refuseShare(ceiling: Ceiling, share: number): void {
  if (share > 0) refuseAboveCeiling(ceiling, 'share')
}

/** ADM-15: whoever is in and whoever holds an invitation keeps the place. */
export function refuseCap(cap: number | null, places: Places): void {
  const kept = places.taken + places.held
  if (cap !== null && cap < kept) throw new Refusal('cap-too-low', { kept })
}

/** ADM-15: is there a place for this many more invitations, or was over-inviting chosen? Says whether each holds one. */
export function invitationsHoldPlaces(places: Places, wanted: number, overInvite: boolean): boolean {
  if (places.free === null || wanted <= places.free) return true
  if (overInvite) return false
  throw new Refusal('cap-reached', { free: places.free, cap: places.cap ?? 0 })
}

export type Acceptance = 'accept' | 'repeat' | 'used' | 'expired' | 'declined' | 'revoked' | 'replaced' | 'unknown'

/** ADM-17: what a form sent for this invitation does. */
export function acceptanceOf(
  invitation: { state: InvitationState; acceptedAt: Date | null; nonceHash: Buffer | null; tokenEnded: boolean } | null,
  form: { nonceHash: Buffer; at: Date },
): Acceptance {
  if (invitation === null) return 'unknown'
  const { state, acceptedAt, nonceHash, tokenEnded } = invitation
  if (state === 'accepted') {
    const isRepeat = nonceHash !== null && nonceHash.equals(form.nonceHash)
    const ageMs = acceptedAt === null ? Infinity : form.at.getTime() - acceptedAt.getTime()
    return isRepeat && ageMs < repeatMs ? 'repeat' : 'used'
  }
  if (state === 'declined' || state === 'revoked') return state
  if (tokenEnded) return 'replaced'
  return state === 'expired' ? 'expired' : 'accept'
}

export interface AddressRow {
  line: string
  /** Null where the line is no address. */
  address: string | null
  /** It stands above already. */
  repeated: boolean
}

const addressShape = /^[^\s@<>(),;:"\\[\]]{1,64}@[^\s@<>(),;:"\\[\]]+\.[^\s@.<>(),;:"\\[\]]+$/

/** Of `Name <name@example.org>` too; null for what is no address. */
export function addressOf(text: string): string | null {
  const line = text.trim()
  const bare = /<([^<>]+)>\s*$/.exec(line)?.[1]?.trim() ?? line
  return bare.length <= 254 && addressShape.test(bare) ? bare : null
}

/** One address a line (commas and semicolons part them too); `Name <name@example.org>` is read as its address. */
export function readAddresses(text: string): AddressRow[] {
  const seen = new Set<string>()
  const rows: AddressRow[] = []
  for (const piece of text.split(/[\n\r,;]+/)) {
    const line = piece.trim().slice(0, 300)
    if (line === '') continue
    const address = addressOf(line)
    const name = (address ?? line).toLowerCase()
    rows.push({ line, address, repeated: seen.has(name) })
    seen.add(name)
  }
  return rows
}

/** `12.5` percent is 12,500 thousandths; null for what is no share. */
export function readShare(percent: string): number | null {
  const text = percent.trim().replace(',', '.').replace(/\s*%$/, '')
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(text)) return null
  const share = Math.round(Number(text) * 1000)
  return share <= wholeShare ? share : null
}

/** As people read it: 12,500 is `12.5%`. */
export function sayShare(share: number): string {
  return `${Number((share / 1000).toFixed(3))}%`
}

/** Who is let in when nothing else is done: said beside the figure of how many are in. */
export function sayDoor(ceiling: Ceiling, rollout: Pick<Rollout, 'share' | 'joinOpen'>): string {
  if (ceiling === 'closed') return 'Nobody is let in.'
  if (ceiling === 'preview') return 'People with a preview link are let in.'
  if (ceiling === 'staff') return 'The team is let in.'
  if (ceiling === 'invited') return 'Invited people are let in.'
  if (ceiling === 'everyone') return 'Everybody gets the new service.'
  const parts = [
    'Invited people',
    rollout.share > 0 ? `${sayShare(rollout.share)} of everybody else` : null,
    rollout.joinOpen ? 'whoever joins' : null,
  ]
  return `${parts.filter((part) => part !== null).join(', ')} are let in.`
}

export function countsAt(ceiling: Ceiling, rung: LettingRung): boolean {
  return reaches(ceiling, lowestCeiling[rung])
}

/** How somebody came in. */
export const wayWords: Record<LettingRung, string> = {
  preview: 'By a preview link',
  staff: 'As one of the team',
  invited: 'By invitation',
  join: 'By own choice',
  rules: 'By a rule',
  share: 'By the share',
}

/** What the deciding rung means for the one person asked about, and what would change it. */
export const rungWords: Record<Rung, { says: string; change: string }> = {
  halt: { says: 'The service is halted', change: 'Opening again lets this person in as before.' },
  removed: { says: 'Removed by the team', change: 'A new invitation lifts the removal.' },
  choice: { says: 'Chose the current service', change: 'Only the person can take the choice back.' },
  preview: { says: 'Came by a preview link', change: 'Removing by name ends it.' },
  staff: { says: 'Is one of the team', change: 'Removing by name ends it.' },
  invited: { says: 'Accepted an invitation', change: 'Removing by name ends it; leaving frees the place.' },
  join: { says: 'Joined', change: 'Removing by name ends it; leaving frees the place.' },
  rules: {
    says: 'A rule holds for this person',
    change: 'Changing the rule does; whoever came in by a pass stays in.',
  },
  share: { says: 'Was drawn by the share', change: 'A smaller share changes nothing: whoever is in stays in.' },
  service: { says: 'Gets the current service', change: 'Letting this person into the new service does.' },
  requirement: { says: 'A feature that this one requires is off', change: 'Switching that one on does.' },
  ceiling: { says: 'The phase does not let this count yet', change: 'The next gate raises the ceiling.' },
  default: { says: 'Nothing lets this person in', change: 'An invitation would.' },
}
