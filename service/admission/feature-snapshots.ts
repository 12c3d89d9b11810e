import {
  packUnits,
  type CohortSnapshot,
  type FeatureSnapshot,
  type ServiceSnapshot,
} from '../../packages/admission/src/index.ts'
import { ceilingOf, featuresOf, type Feature } from '../features/index.ts'
import type { Db } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { unitsOfCohorts } from './cohort-reads.ts'

/** The features of a service as decisions need them, and the cohorts that they name, each once (ADM-25). */
export async function readFeatureSnapshots(
  db: Db,
  service: Service,
  of: Omit<ServiceSnapshot, 'halt'>,
): Promise<{ features: FeatureSnapshot[]; cohorts: CohortSnapshot[] }> {
  const features = await featuresOf(db, service.id)
  const named = [...new Set(features.flatMap(({ cohorts }) => cohorts.map(({ id }) => id)))]
  const members = await unitsOfCohorts(db, named)
  return {
    features: features.map((feature) => featureSnapshot(feature, of)),
    cohorts: named.map((id) => ({ id, units: packUnits(members.get(id) ?? []) })),
  }
}

function featureSnapshot(feature: Feature, service: Omit<ServiceSnapshot, 'halt'>): FeatureSnapshot {
  const { id, key, name, kind, appliesTo, forClients, variants, on, off, requires, salt, share, rules, version } =
    feature
  return {
    ...{ id, key, name, kind, appliesTo, forClients, variants, on, off, requires, salt, share, rules },
    service: service.key,
    ceiling: ceilingOf(feature),
    // Its service is halted as a whole.
    halt: null,
    rolloutVersion: version,
    joinOpen: false,
    cap: { limit: null, full: false },
    units: {
      removed: [],
      choseCurrent: [],
      joined: [],
      preview: [],
      // FEAT-3: an internal release is for everybody of the team who came to see for themselves.
      staff: feature.course === null ? [] : service.units.staff,
      invited: [],
      carried: [],
    },
    cohorts: feature.cohorts.map((cohort) => cohort.id),
  }
}
