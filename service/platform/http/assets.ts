import { z } from 'zod'
import { findAsset } from '../html/index.ts'
import { Refusal } from '../refusal.ts'
import type { App } from './app-type.ts'

/** Stylesheets and scripts; the hash in the address makes them cacheable for ever. */
export function assetRoutes(app: App, prefix = ''): void {
  const params = z.object({
    service: z.string().max(60).optional(),
    hash: z.string().max(60),
    name: z.string().max(60),
  })
  app.get(
    `${prefix}/assets/:hash/:name`,
    { schema: { hide: true, params }, config: { rateLimit: false } },
    (request, reply) => {
      const asset = findAsset(request.params.name)
      if (asset === null) throw new Refusal('not-found')
      return reply.header('cache-control', 'public, max-age=31536000, immutable').type(asset.type).send(asset.body)
    },
  )
}
