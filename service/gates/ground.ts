import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { findFeature } from '../features/index.ts'
import { Refusal } from '../platform/index.ts'
import { featureParams, params } from './schemas.ts'
import { ofFeature, ofService, type Subject } from './subject.ts'

/** Gates stand under a service and under each of its features: the same routes, on two grounds. */
export const grounds = [
  { at: '/services/:service', params },
  { at: '/services/:service/features/:feature', params: featureParams },
] as const
export type Ground = (typeof grounds)[number]

const named = z.object({ feature: z.string().max(100).optional() })

export async function subjectOf({ params: given, service, context }: FastifyRequest): Promise<Subject> {
  const { feature: key } = named.parse(given)
  if (key === undefined) return ofService(service)
  const feature = await findFeature(context.db, service.id, key)
  const subject = feature === null ? null : ofFeature(service, feature)
  if (subject === null) throw new Refusal('not-found')
  return subject
}
