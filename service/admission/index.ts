import type { App, Clock, Context, PersonalData, Platform } from '../platform/index.ts'
import { useDoorState, type GatewayFile, type Service } from '../services/index.ts'
import { noteUnreachable } from './invitations/suppressing.ts'
import { suppressionRoutes } from './invitations/suppression-routes.ts'
import { foldCounts } from './invitations/count-store.ts'
import { invite, type Batch, type InvitationResult } from './invitations/inviting.ts'
import { admissionApi } from './api.ts'
import { batchApi } from './batches/api.ts'
import { batchRoutes } from './batches/routes.ts'
import { sendDue, type Sending, type Unanswered } from './batches/sending.ts'
import type { UsesOf } from './batches/view.ts'
import { codeTeamRoutes } from './codes/routes.ts'
import { deleteOldCodeRequests } from './codes/store.ts'
import { useStartsToday, type StartsToday } from './day-limit.ts'
import { attributeRulesRoutes } from './attribute-rules/routes.ts'
import { featurePeopleRoutes } from './feature-people/routes.ts'
import { snapshotApi } from './snapshot-api.ts'
import { gatewayApi } from './gateway-api.ts'
import { betaRoutes } from './betas/routes.ts'
import { dropEndedClaims } from './customers/claim-store.ts'
import { customerRoutes } from './customers/routes.ts'
import { recordHaltsLater } from './halting.ts'
import { checkLegacies } from './legacy-monitor.ts'
import { linkDoorRoutes } from './link-door.ts'
import { createErasure } from './erasing.ts'
import { ledgerRoutes } from './ledger-routes.ts'
import { explainRoutes } from './explain-routes.ts'
import { createLinks, type Links } from './links.ts'
import { ofrepRoutes } from './ofrep.ts'
import { gatewayDoor, linkDoor } from './public-door.ts'
import { publicRoutes } from './public-routes.ts'
import { countIn } from './reads.ts'
import { teamRoutes } from './routes.ts'
import { createSnapshots, type Snapshots } from './snapshots.ts'
import { standingHalt } from './standing-halt.ts'
import { waitlistApi } from './waitlist/api.ts'
import { compareCounts } from './counts/comparing.ts'
import { countLongLists } from './waitlist/counting.ts'
import { mailRequests } from './waitlist/applying.ts'
import { waitlistRoutes } from './waitlist/routes.ts'

export { countsState } from './counts/comparing.ts'
export { changeOpening, closeToNewcomers, type Opening } from './opening.ts'
export { invite, type InvitationResult } from './invitations/inviting.ts'
export type { Halt } from './admission.ts'
export { haltTimes } from './halt-store.ts'
export { halt, resume } from './halting.ts'
export {
  admissionSummaries,
  admissionSummary,
  haltOf,
  haltsOfEach,
  legacyHealth,
  type AdmissionSummary,
} from './reads.ts'
export { useRooms } from './betas/actions.ts'
export { idsOf } from './customers/claim-store.ts'
export { previewWords, whatViewersSaid } from './feature-people/said.ts'
export { featurePreviews, type FeaturePreview } from './feature-people/store.ts'
export { asPerson } from './acceptance.ts'
export { peopleOfCohorts } from './cohort-reads.ts'
export type { Links } from './links.ts'
export { messagePage, edgePage, type PublicView } from './pages/public.ts'
export { findParticipant } from './participant-store.ts'
export { gatewayDoor, linkDoor, type PublicDoor } from './public-door.ts'
export { publicView, secret } from './public-page.ts'
export { countBadLink, createRate, senderOf } from './rate.ts'
export { probePass } from './probe.ts'
export { betaLinks } from './betas/pages/beta-page.ts'
export { countOnShare } from './store.ts'
export { openingChanges, type OpeningChange } from './ledger-reads.ts'
export { readShare, refuseAboveCeiling, sayShare } from './rules.ts'
export { renewSalt, saltEffect, type SaltEffect } from './salt.ts'
export { admissionPersonalData } from './personal-data-store.ts'
export { admissionSignals } from './signals.ts'
export type { Snapshots } from './snapshots.ts'

const keyLifeDays = 90

export interface Admission {
  snapshots: Snapshots
  links: Links
  /** Invites by mail, with the links of this installation. */
  invite(ctx: Context, service: Service, batch: Batch): Promise<InvitationResult[]>
  close(): Promise<void>
}

/** What later domains know and this one needs (docs/architecture.md). */
export interface Told {
  unanswered: Unanswered
  usesOf: UsesOf
  startsToday: StartsToday
}

/** Who gets in: reads the snapshot, opens every route of the domain, and keeps both up to date until it is closed. */
export async function openAdmission(
  app: App,
  platform: Platform,
  gateway: GatewayFile | null,
  kept: readonly PersonalData[],
  told: Told,
): Promise<Admission> {
  useStartsToday(told.startsToday)
  const snapshots = createSnapshots(platform)
  const links = createLinks(platform, gateway, snapshots)
  useDoorState(async (db, serviceId) => ({
    halted: snapshots.halts.of(serviceId) !== null,
    peopleIn: await countIn(db, serviceId),
  }))
  app.haltRecall.from = {
    service: (key) => {
      const known = snapshots.compiled().services.get(key)
      return known === undefined ? null : { id: known.id, key, example: false }
    },
    mayHalt: snapshots.mayHalt,
    standing: (serviceId) => standingHalt(snapshots, serviceId),
  }
  gatewayApi(app, snapshots)
  snapshotApi(app, snapshots)
  ofrepRoutes(app, snapshots, platform)
  explainRoutes(app, snapshots)
  for (const door of [gatewayDoor(), linkDoor(snapshots)]) publicRoutes(app, platform, { door, snapshots, links })
  linkDoorRoutes(app, snapshots, links)
  const erasure = createErasure(kept)
  const teamRoutesOf = teamRoutes(app, snapshots, links, erasure)
  admissionApi(app, snapshots, links, erasure)
  ledgerRoutes(app, snapshots)
  customerRoutes(app, snapshots, links)
  betaRoutes(app, snapshots)
  const sending: Sending = { platform, links, unanswered: told.unanswered }
  batchRoutes(app, { sending, usesOf: told.usesOf, doorPage: teamRoutesOf.page })
  batchApi(app, { sending, usesOf: told.usesOf })
  codeTeamRoutes(app, links)
  attributeRulesRoutes(app, snapshots)
  featurePeopleRoutes(app, links)
  waitlistRoutes(app, links)
  suppressionRoutes(app)
  waitlistApi(app)
  admissionJobs(platform, snapshots, sending)
  platform.mail.onGivenUp((address) => noteUnreachable(platform, address))
  await snapshots.start()
  const stopRecording = recordHaltsLater(platform, snapshots)
  return {
    snapshots,
    links,
    invite: (ctx, service, batch) => invite(ctx, links, service, batch),
    async close() {
      stopRecording()
      await snapshots.stop()
    },
  }
}

function admissionJobs(platform: Platform, snapshots: Snapshots, sending: Sending): void {
  platform.jobs.every('admission-applicants', 30, () => mailRequests(platform, sending.links))
  platform.jobs.every('admission-counts', 60, ({ db }) => foldCounts(db))
  platform.jobs.every('admission-counts-compared', 3_600, compareCounts)
  platform.jobs.every('admission-long-lists', 60, countLongLists)
  platform.jobs.every('admission-codes', 3_600, ({ db, clock }) => deleteOldCodeRequests(db, clock.now()))
  platform.jobs.every('admission-sending', 10, () => sendDue(sending))
  platform.jobs.every('admission-current-services', 60, () => checkLegacies(platform))
  platform.jobs.every('admission-ended-claims', 3_600, ({ db, clock }) =>
    dropEndedClaims(db, new Date(clock.now().getTime() - 86_400_000)),
  )
  platform.jobs.every('admission-signing-keys', 3_600, async () => {
    if (await isOld(platform.clock, snapshots)) await snapshots.rotateKeys()
  })
}

/** A pass lives for 90 days from its signing, so the key before the newest is needed that long and no longer. */
async function isOld(clock: Clock, snapshots: Snapshots): Promise<boolean> {
  const newest = await snapshots.newestKeyAt()
  return newest !== null && clock.now().getTime() - newest.getTime() > keyLifeDays * 86_400_000
}
