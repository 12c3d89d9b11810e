import type { Snapshot } from '../../packages/admission/src/index.ts'
import type { GatewayFeed } from '../../gateway/feed.ts'
import { openStream, type App } from '../platform/index.ts'
import type { Snapshots } from './snapshots.ts'

/** ADM-30: the snapshot at once and at every change, for providers that decide in process. Signing keys are not in it. */
export function snapshotApi(app: App, snapshots: Snapshots): void {
  app.get(
    '/api/v1/snapshot/stream',
    { schema: { summary: 'The snapshot that decisions are made on, as a stream', tags: ['Decisions'] } },
    (request, reply) => {
      const { actor } = request.context
      const only = actor.kind === 'key' ? actor.service : null
      const stream = openStream(reply)
      const send = ({ snapshot }: GatewayFeed): void => stream.send('snapshot', snapshotFor(snapshot, only))
      stream.onClose(snapshots.onFeed(send))
      send(snapshots.feed())
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
