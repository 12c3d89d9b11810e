import { createHmac } from 'node:crypto'
import {
  lowestCeiling,
  reaches,
  signPass,
  type ServiceSnapshot,
  type SigningKey,
} from '../../packages/admission/src/index.ts'
import type { Clock } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import type { Snapshots } from './snapshots.ts'

const lastsMs = 5 * 60_000

/** INS-2: our own probe looks at the new service as somebody with a preview link does. It is nobody, so no ledger has it. */
export function withProbe(
  snapshot: Omit<ServiceSnapshot, 'halt'>,
  keys: readonly SigningKey[],
): Omit<ServiceSnapshot, 'halt'> {
  const unit = probeUnit(keys, snapshot.id)
  if (unit === null || !reaches(snapshot.ceiling, lowestCeiling.preview)) return snapshot
  return { ...snapshot, units: { ...snapshot.units, preview: [...snapshot.units.preview, unit] } }
}

/** The cookie that lets the probe in for five minutes; null where nobody would be let in. */
export function probePass(snapshots: Snapshots, service: Pick<Service, 'id' | 'key'>, clock: Clock): string | null {
  const known = snapshots.compiled().services.get(service.key)
  const keys = snapshots.keysOf(service.id)
  const [newest] = keys
  const unit = probeUnit(keys, service.id)
  if (known === undefined || newest === undefined || unit === null) return null
  if (known.halt !== null || !known.units.preview.has(unit)) return null
  const expiresAt = new Date(clock.now().getTime() + lastsMs)
  const pass = { kid: newest.kid, service: service.key, arm: 'new', rung: 'preview', unit, expiresAt } as const
  return `pg_${service.key}=${signPass(pass, newest.secret)}`
}

/** The same in every process, and not to be guessed. */
function probeUnit(keys: readonly SigningKey[], serviceId: string): string | null {
  const oldest = keys.at(-1)
  if (oldest === undefined) return null
  return createHmac('sha256', oldest.secret).update(`probe ${serviceId}`).digest('base64url').slice(0, 22)
}
