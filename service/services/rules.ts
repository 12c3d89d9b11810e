import { Refusal } from '../platform/index.ts'
import { ceilingOf, findPhase, skippedPhases } from './phases.ts'

/** Only in live (ceiling `everyone`) or after it may the current service be switched off (contracts.md, Elsewhere). */
export function refuseSwitchingOffLegacy(phase: string, before: string | null, after: string | null): void {
  const switchesOff = before !== null && after === null
  const ceiling = ceilingOf(phase)
  if (switchesOff && ceiling !== 'everyone' && ceiling !== 'closed') throw new Refusal('legacy-must-run-until-live')
}

/** A phase is never skipped in silence: what is jumped over is named, and asks for a waiver. */
export function waiverForSkipping(from: string, to: string, waiver: string | null): string | null {
  if (findPhase(to) === null) throw new Refusal('phase-unknown', { phase: to.slice(0, 60) })
  const skipped = skippedPhases(from, to)
  if (skipped.length > 0 && waiver === null)
    throw new Refusal('phase-skipped', { phases: skipped.map(({ name }) => name).join(', ') })
  return waiver
}

/** A key for a name: `Apply for a permit` becomes `apply-for-a-permit`. */
export function keyFor(name: string): string {
  const key = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '')
  return key === '' ? 'service' : key
}
