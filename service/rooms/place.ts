import type { Queryable } from '../platform/index.ts'
import { featuresOf } from '../features/index.ts'
import { findServiceById } from '../services/index.ts'
import type { Place } from './room.ts'

export async function placeOf(db: Queryable, of: { serviceId: string; featureId: string }): Promise<Place | null> {
  const service = await findServiceById(db, of.serviceId)
  if (service === null) return null
  const feature = (await featuresOf(db, service.id)).find(({ id }) => id === of.featureId)
  return feature === undefined ? null : { service, feature }
}

/** The room as the team sees it. */
export function roomPath({ service, feature }: Place): string {
  return `/services/${service.key}/features/${feature.key}/room`
}
