import { join } from 'node:path'
import type { Logger } from 'pino'
import {
  asOne,
  accountRoutes,
  assetRoutes,
  createAnchors,
  openIssuer,
  createJobs,
  createKeyRing,
  createLive,
  createMailer,
  createOutgoing,
  createServer,
  dropEndedSessions,
  dropOldTries,
  mailAskedLinks,
  createWebhooks,
  findAccountByEmail,
  healthRoutes,
  historyRoutes,
  mailHead,
  mailPersonalData,
  membersOf,
  parseAllowed,
  readVersion,
  resealWebhooks,
  routeTable,
  signalRegistry,
  startOfDay,
  useRefusals,
  type Anchors,
  type App,
  type Clock,
  type Config,
  type Context,
  type Db,
  type DiskGuard,
  type KeyRing,
  type MailDesk,
  type MailTransport,
  type Outgoing,
  type Platform,
  type Probe,
  type SecretBox,
  type Resolve,
  type SignalRegistry,
} from './platform/index.ts'
import { operationsJobs, operationsRoutes, operationsSignals } from './operations/index.ts'
import { overviewRoutes } from './overview/index.ts'
import { rolloutsJobs, rolloutsRoutes, rolloutsSignals } from './rollouts/index.ts'
import { roomsDesk, roomsJobs, roomsPersonalData, roomsRoutes, roomsSignals } from './rooms/index.ts'
import { refusals } from './refusals.ts'
import { routes } from './routes.ts'
import {
  admissionPersonalData,
  admissionSignals,
  haltTimes,
  openAdmission,
  probePass,
  type Admission,
  countsState,
} from './admission/index.ts'
import { featuresJobs, featuresRoutes, useHalts, useStageGates } from './features/index.ts'
import { feedbackPersonalData, feedbackRoutes, feedbackSignals, feedbackSummary } from './feedback/index.ts'
import { gateAheadOf, gatesRoutes, loadPlaybooks, useGates } from './gates/index.ts'
import { inspectionsJobs, inspectionsRoutes, inspectionsSignals, type WayIn } from './inspections/index.ts'
import {
  measuresJobs,
  measuresPersonalData,
  measuresRoutes,
  measuresSignals,
  startsSince,
  usesOf,
} from './measures/index.ts'
import { stagesRoutes, stagesSignals } from './stages/index.ts'
import { webhookEvents, webhooksJobs, webhooksRoutes } from './webhooks/index.ts'
import {
  allServices,
  findService,
  findServiceById,
  handOver,
  servicesRoutes,
  servicesSignals,
  usePhases,
  warnOfEndingKeys,
  type GatewayFile,
} from './services/index.ts'

export interface AppParts {
  db: Db
  secrets: SecretBox
  clock: Clock
  config: Config
  log: Logger
  disk: DiskGuard
  mail: MailTransport
  /** The gateway's configuration, where the gateway runs in this process. */
  gateway: GatewayFile | null
  /** Parts of the installation that `/ready` reports besides the platform's own. */
  probes?: Record<string, Probe>
  /** Requests a minute from one address without a key. */
  perMinute?: number
  /** Looks host names up for outgoing calls; without it the system does. */
  resolve?: Resolve
}

export interface Phasegate {
  app: App
  platform: Platform
  keyRing: KeyRing
  signals: SignalRegistry
  admission: Admission
  anchors: Anchors
  /** Whom mail that comes in is for. */
  mailDesk: MailDesk
  close(): Promise<void>
}

/** Whoever asks something that takes longer is cut off. */
const closeLimitMs = 10_000

/** Whoever takes the installation answers for the example and for services that a command added before there was anybody. */
async function giveToOwner(platform: Platform, email: string): Promise<void> {
  const ctx: Context = { ...platform, actor: { kind: 'system', name: 'Phasegate' }, requestId: 'start' }
  for (const service of await allServices(platform.db)) {
    const isManaged = (await membersOf(platform.db, service.id)).some(({ role }) => role === 'service-manager')
    if (service.example || !isManaged) await handOver(ctx, service, email)
  }
}

function outgoingOf({ config, resolve }: AppParts): Outgoing {
  const read = parseAllowed(config.outgoingAllow)
  if ('notUnderstood' in read) throw new Error(`OUTGOING_ALLOW was not checked: ${read.notUnderstood}`)
  const ownPorts = () => [config.port, config.gatewayPort]
  return createOutgoing({ allowed: read.allowed, ownPorts, ...(resolve === undefined ? {} : { resolve }) })
}

/** The service without a port: the list of its domains. */
export async function createApp(parts: AppParts): Promise<Phasegate> {
  const { db, clock, config, log, disk, gateway } = parts
  useRefusals(refusals)
  const keyRing = createKeyRing()
  if (config.adminKey !== null) keyRing.hold(config.adminKey, { name: 'PHASEGATE_ADMIN_KEY', kind: 'admin' })
  const mail = createMailer({ db, clock, log, secrets: parts.secrets, transport: parts.mail })
  const outgoing = outgoingOf(parts)
  const engine = {
    db,
    clock,
    config,
    log,
    disk,
    mail,
    outgoing,
    secrets: parts.secrets,
    live: createLive(),
    jobs: createJobs(),
  }
  const webhooks = createWebhooks(engine, { events: webhookEvents, serviceOf: findServiceById })
  const platform: Platform = { ...engine, webhooks }

  const app = await createServer({
    platform,
    table: routeTable(routes),
    keyRing,
    findService: asOne(findService),
    findAccountByEmail,
    perMinute: parts.perMinute ?? 1_200,
    version: await readVersion(),
  })
  const signals = signalRegistry([
    ...servicesSignals,
    ...admissionSignals,
    ...feedbackSignals,
    ...inspectionsSignals,
    ...measuresSignals,
    ...operationsSignals,
    ...roomsSignals,
    ...rolloutsSignals,
    ...stagesSignals,
  ])
  const playbooks = loadPlaybooks(signals, { memo: join(config.dataDirectory, 'playbooks.json') })
  usePhases(playbooks.newest('client-beta').phases)
  useGates({ playbooks, signals })
  useStageGates(gateAheadOf)
  useHalts(haltTimes)

  app.decorate('whenClaimed', (_accountId: string, email: string) => giveToOwner(platform, email))
  healthRoutes(app, platform, { ...parts.probes, counts: () => countsState(platform) })
  assetRoutes(app)
  assetRoutes(app, '/edge/:service')
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  const { oidc } = config
  // An issuer that the operator wrote down is meant wherever it lies (OUT-3).
  const fetch = outgoing.fetchWith({ trusted: oidc === null ? [] : [oidc.issuer] })
  accountRoutes(
    app,
    oidc && (await openIssuer({ settings: oidc, clock, log, fetch })),
    async (from) => new Map((await allServices(from)).map((service) => [service.id, service])),
  )
  historyRoutes(app)
  servicesRoutes(app, gateway)
  webhooksRoutes(app)
  const kept = [
    // By their participation those of a room are found, so that goes after.
    ...roomsPersonalData,
    ...admissionPersonalData,
    ...feedbackPersonalData,
    ...measuresPersonalData,
    ...mailPersonalData,
  ]
  const admission = await openAdmission(app, platform, gateway, kept, {
    unanswered: async (from, serviceId) => (await feedbackSummary(from, serviceId)).open,
    usesOf,
    startsToday: (from, { id, timeZone }, at) => startsSince(from, id, startOfDay(at, timeZone)),
  })
  featuresRoutes(app, admission.snapshots)
  featuresJobs(platform)
  measuresRoutes(app, platform)
  measuresJobs(platform.jobs)
  rolloutsRoutes(app)
  rolloutsJobs(platform.jobs)
  feedbackRoutes(app, platform)
  roomsRoutes(app, platform, admission)
  roomsJobs(platform, admission.links)
  await gatesRoutes(app)
  stagesRoutes(app)
  const wayIn: WayIn | null = gateway && {
    address: () => `http://127.0.0.1:${config.gatewayPort}`,
    urlOf: (service) => gateway.urlOf(service),
    pass: (service) => probePass(admission.snapshots, service, clock),
  }
  inspectionsRoutes(app, wayIn)
  if (wayIn !== null) inspectionsJobs(platform, wayIn)
  operationsRoutes(app)
  operationsJobs(platform.jobs)
  overviewRoutes(app, gateway, admission.invite)

  const anchors = createAnchors(platform)
  if (config.auditMail !== null) anchors.carryBy(mailHead(config.auditMail))
  platform.jobs.every('services-ending-keys', 3_600, warnOfEndingKeys)
  platform.jobs.every('accounts-links', 30, mailAskedLinks)
  platform.jobs.every('accounts-ended', 3_600, async () => {
    await dropEndedSessions(db, clock.now())
    await dropOldTries(db, new Date(clock.now().getTime() - 86_400_000))
  })
  platform.jobs.every('accounts-ended-sessions', 3_600, ({ db: from, clock: now }) =>
    dropEndedSessions(from, now.now()),
  )
  await resealWebhooks(db, parts.secrets)
  webhooksJobs(platform, anchors)
  platform.jobs.every('mail', 30, async () => void (await mail.deliverDue()))
  return {
    app,
    platform,
    keyRing,
    signals,
    admission,
    anchors,
    mailDesk: roomsDesk(platform, admission),
    async close() {
      app.drain.isOn = true
      const late = setTimeout(() => app.server.closeAllConnections(), closeLimitMs).unref()
      await app.close()
      clearTimeout(late)
      await platform.jobs.stop()
      await anchors.stop()
      await admission.close()
      await webhooks.stop()
      await mail.stop()
    },
  }
}
