import { z } from 'zod'
import { setsNamedIn, writtenOut, type Snapshot } from '../../packages/admission/src/index.ts'
import type { GatewayFeed } from '../../gateway/feed.ts'
import { openStream, Refusal, type Actor, type App } from '../platform/index.ts'
import type { Snapshots } from './snapshots.ts'

/** ADM-30: the snapshot at once and at every change, for providers that decide in process. Signing keys are not in it. */
export function snapshotApi(app: App, snapshots: Snapshots): void {
  app.get(
    '/api/v1/snapshot/stream',
    {
      schema: {
        summary: 'The snapshot that decisions are made on, as a stream',
        tags: ['Decisions'],
        querystring: setsQuery,
      },
    },
    (request, reply) => {
      const { actor } = request.context
      const only = actor.kind === 'key' ? actor.service : null
      const stream = openStream(reply)
      const knowsNames = request.query.sets === 'named'
      const send = ({ snapshot }: GatewayFeed): void => {
        const own = snapshotFor(snapshot, only)
        stream.send('snapshot', knowsNames ? own : writtenOut(own, snapshots.sets.packed))
      }
      stream.onClose(snapshots.onFeed(send))
      send(snapshots.feed())
    },
  )
  setRoute(app, snapshots, { url: '/api/v1/snapshot/sets', tags: ['Decisions'], mayAsk: () => true })
}

/** ADM-35: who asks with `sets=named` fetches large sets by name; everybody else gets them written out. */
export const setsQuery = z.object({ sets: z.enum(['named']).optional() })

/** ADM-35: one large set, for whoever is told its name. It never changes. */
export function setRoute(
  app: App,
  snapshots: Snapshots,
  { url, tags, mayAsk }: { url: string; tags: string[]; mayAsk(actor: Actor): boolean },
): void {
  const params = z.object({ set: z.string().max(100) })
  app.get(
    `${url}/:set`,
    { schema: { summary: 'A large set of units, by the name that a snapshot gives it', tags, params } },
    async (request, reply) => {
      const { actor } = request.context
      const { set } = request.params
      if (!mayAsk(actor)) throw new Refusal('not-found')
      const seen = snapshotFor(snapshots.feed().snapshot, actor.kind === 'key' ? actor.service : null)
      const sent = setsNamedIn(seen).has(set) ? await snapshots.sets.gzipped(set) : null
      if (sent === null) throw new Refusal('not-found')
      return reply
        .headers({ 'content-encoding': 'gzip', 'cache-control': 'private, max-age=31536000, immutable' })
        .type('application/json')
        .send(sent)
    },
  )
}

/** What a key that is bound to one service may see: that service, its features, and the cohorts that these name. */
export function snapshotFor(snapshot: Snapshot, serviceId: string | null): Snapshot {
  if (serviceId === null) return snapshot
  const services = snapshot.services.filter(({ id }) => id === serviceId)
  const features = (snapshot.features ?? []).filter(({ service }) => services.some(({ key }) => key === service))
  const named = new Set([...services, ...features].flatMap(({ cohorts = [] }) => cohorts))
  const cohorts = (snapshot.cohorts ?? []).filter(({ id }) => named.has(id))
  return { ...snapshot, services, features, cohorts }
}
