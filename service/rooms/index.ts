import type { App, Platform } from '../platform/index.ts'
import { useRooms, type Links, type Snapshots } from '../admission/index.ts'
import { roomsApi } from './api.ts'
import { openRoomsOf } from './store.ts'
import { roomsPublicRoutes } from './public-routes.ts'
import { roomsPages } from './routes.ts'

/** The beta of a feature: a room for testers and team, what it teaches, and whom it may be quoted from. */
export { roomsDesk } from './answering.ts'
export { roomsJobs } from './jobs.ts'
export { roomsPersonalData } from './personal-data-store.ts'
export { roomsSignals } from './signals.ts'

export function roomsRoutes(
  app: App,
  platform: Platform,
  { snapshots, links }: { snapshots: Snapshots; links: Links },
): void {
  useRooms(({ db }, serviceId) => openRoomsOf(db, serviceId))
  roomsPages(app, links)
  roomsApi(app, links)
  roomsPublicRoutes(app, platform, snapshots)
}
