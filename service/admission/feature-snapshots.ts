import type { CohortSnapshot, FeatureSnapshot, ServiceSnapshot } from '../../packages/admission/src/index.ts'
import { ceilingOf, featuresOf, type Feature } from '../features/index.ts'
import type { Db } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { wholeShare } from './admission.ts'
import { betasOf, unitsOfAccounts, unitsUnderCap, type StoredBeta } from './betas/store.ts'
import { unitsOfCohorts, type CohortUnits } from './cohort-reads.ts'
import { namedUnitsOf, type NamedUnits } from './feature-people/store.ts'
import type { LargeSets } from './large-sets.ts'

/** The features of a service as decisions need them, and the cohorts that they name, each once (ADM-25). */
export async function readFeatureSnapshots(
  db: Db,
  service: Service,
  of: Omit<ServiceSnapshot, 'halt'>,
  { members: before, sets }: { members: ReadonlyMap<string, CohortUnits>; sets: LargeSets },
): Promise<{ features: FeatureSnapshot[]; cohorts: CohortSnapshot[]; members: ReadonlyMap<string, CohortUnits> }> {
  const features = await featuresOf(db, service.id)
  const [betas, people] = await Promise.all([betasOf(db, service.id), namedUnitsOf(db, service.id)])
  const audiences = await Promise.all(features.map((feature) => audienceOf(db, feature, betas.get(feature.id))))
  const named = [...new Set(audiences.flatMap(({ cohorts }) => cohorts))]
  const accounts = [...new Set(audiences.flatMap((audience) => audience.accounts))]
  const [members, colleagues] = await Promise.all([unitsOfCohorts(db, named, before), unitsOfAccounts(db, accounts)])
  const listed = (id: string, units: readonly string[]): CohortSnapshot => ({
    id,
    units: sets.list(`${service.id} ${id}`, new Map([[0, units]])),
  })
  return {
    features: features.map((feature, index) =>
      featureSnapshot(feature, of, audiences[index] ?? nobody, people.get(feature.id)),
    ),
    cohorts: [
      ...named.map((id) => listed(id, members.get(id)?.units ?? [])),
      ...accounts.map((id) => listed(id, colleagues.get(id) ?? [])),
    ],
    members,
  }
}

/** Who is let in by name: cohorts, accounts, and people one by one. */
interface Audience {
  cohorts: string[]
  accounts: string[]
  units: string[]
  off: string[]
}

const nobody: Audience = { cohorts: [], accounts: [], units: [], off: [] }

/** ADM-63 to ADM-65: whom the pool, the accounts, the cap and their own choices name. */
async function audienceOf(db: Db, feature: Feature, beta: StoredBeta | undefined): Promise<Audience> {
  const cohorts = feature.cohorts.map(({ id }) => id)
  if (beta === undefined) return { ...nobody, cohorts }
  // With the flag about to go there is nothing left to go back to, as ADM-12.
  const off = feature.course?.stage === 'removal' ? [] : beta.off
  if (beta.pool === 'staff' && feature.course?.stage === 'beta-release') return { ...nobody, off }
  const accounts = beta.accounts.map(({ id }) => id)
  if (beta.cap === null) return { cohorts, accounts, units: beta.on, off }
  const { cap, capCounts } = beta
  const of = { featureId: feature.id, serviceId: feature.serviceId }
  return { ...nobody, units: await unitsUnderCap(db, of, { cap, capCounts, cohorts, accounts }), off }
}

function featureSnapshot(
  feature: Feature,
  service: Omit<ServiceSnapshot, 'halt'>,
  audience: Audience,
  { removed, preview, carried }: NamedUnits = { removed: [], preview: [], carried: [] },
): FeatureSnapshot {
  const { id, key, name, kind, appliesTo, forClients, variants, on, off, requires, salt, rules, version } = feature
  const ceiling = ceilingOf(feature)
  // FEAT-4: its stage is for everybody; where its service is open to a share, that is a share of all.
  const share = ceiling === 'everyone' ? wholeShare : feature.share
  return {
    ...{ id, key, name, kind, appliesTo, forClients, variants, on, off, requires, salt, share, rules },
    service: service.key,
    ceiling,
    // Its service is halted as a whole.
    halt: null,
    rolloutVersion: version,
    joinOpen: false,
    cap: { limit: null, full: false },
    units: {
      removed,
      choseCurrent: audience.off,
      joined: [],
      preview,
      // FEAT-3: an internal release is for everybody of the team who came to see for themselves.
      staff: feature.course === null ? [] : service.units.staff,
      invited: audience.units,
      carried,
    },
    cohorts: [...audience.cohorts, ...audience.accounts],
  }
}
