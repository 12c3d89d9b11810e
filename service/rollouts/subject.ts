import type { FastifyRequest } from 'fastify'
import { findFeature, switchPermission, type Feature } from '../features/index.ts'
import { Refusal, type Permission } from '../platform/index.ts'
import type { Service } from '../services/index.ts'

/** What a plan opens: a service, or one feature of it. */
export interface Subject {
  service: Service
  feature: Feature | null
}

/** Of a URL with `:service`, and perhaps `:feature`. */
export async function subjectOf({ context, service, params }: FastifyRequest): Promise<Subject> {
  const { feature: key } = params as { feature?: string }
  if (key === undefined) return { service, feature: null }
  const feature = await findFeature(context.db, service.id, key)
  if (feature === null) throw new Refusal('not-found')
  return { service, feature }
}

export function homeOf({ service, feature }: Subject): string {
  const home = `/services/${service.key}`
  return feature === null ? `${home}/plan` : `${home}/features/${feature.key}/plan`
}

/** ROL-9: whoever may open by hand may open by plan; a flag by its kind (FEAT-2). */
export function planPermission({ feature }: Subject): Permission {
  return feature === null ? 'rollouts.plan' : switchPermission[feature.kind]
}

export function ofSubject({ service, feature }: Subject): { serviceId: string; featureId: string | null } {
  return { serviceId: service.id, featureId: feature?.id ?? null }
}

export function nameOf({ service, feature }: Subject): string {
  return feature === null ? service.name : feature.name
}
