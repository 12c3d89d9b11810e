import { join } from 'node:path'
import { createPassCache } from '../packages/admission/src/index.ts'
import { watchConfig } from './config-watch.ts'
import type { GatewayConfig } from './config.ts'
import { openConnectionCap } from './connection-cap.ts'
import { openControlPlane } from './control-plane.ts'
import { createDoor } from './door.ts'
import { openFeedKeeper } from './feed-keeper.ts'
import { feedReceiver, openFeedSets } from './feed-sets.ts'
import { fetchSet, followFeed } from './feed-stream.ts'
import { reportLocalHalts } from './halt-reports.ts'
import { createHandler, showPage } from './handler.ts'
import { openKnownBases } from './known-bases.ts'
import { listen, type EndingLimits } from './listen.ts'
import { watchLocalHalts, type LocalHalt } from './local-halt.ts'
import type { Clock, Log } from './log.ts'
import { openMeasuring } from './measuring/measuring.ts'
import { createOwnPages } from './own-pages.ts'
import { openSeal } from './seal.ts'
import { openSites, type Site } from './site.ts'
import { watchSlowClients } from './slow-clients.ts'

export interface GatewayOptions {
  /** Path of gateway.yaml, watched for changes; or the configuration itself. */
  config: string | GatewayConfig
  /** Addresses of the control plane; a stream comes from each of them. */
  controlUrls: string[]
  /** An API key of the kind `gateway`. */
  key: string
  /** Seals what is kept on disk; the key itself unless that is a new one at each start. */
  stateSecret?: string
  /** Where the feed, halts, open applications and events not yet delivered are kept. */
  stateDirectory: string
  log: Log
  clock?: Clock
  /** Proxies in front that are trusted besides those of gateway.yaml. */
  trustedProxies?: readonly string[]
  host?: string
  port?: number
  /** GW-37: connections taken in all. */
  connections?: number
  /** False measures nothing; the bench compares both. */
  measures?: boolean
  /** How long requests that are under way may take when the gateway ends. */
  drainMs?: number
  /** GW-34: another process still uses the state folder and hands over to this one. */
  takesOver?: boolean
  /** Told of each halt that was asked for on this machine. */
  onLocalHalt?: (service: string, halt: LocalHalt) => void
}

export interface Gateway {
  readonly url: string
  readonly port: number
  /** Is there a feed with a service in it? */
  ready(): boolean
  /** Another process on this machine took up a halt that was asked for there. */
  halt(service: string, halt: LocalHalt): void
  /** Until it goes by this version of the control plane in this process; no longer than a second, since it may be cut off. */
  reached(version: number): Promise<void>
  /** The control plane in this process has begun to answer. */
  hearAgain(): void
  /** Takes gateway.yaml again now; it is also watched. */
  reload(): void
  /** Takes no new connections and lets what is under way end. */
  close(idleMs?: number): Promise<void>
  /**
   * GW-34: another process listens on the same socket. This one leaves the files to it, which `left` tells, and ends when
   * what it has begun has ended.
   */
  handOver(left: () => void): Promise<void>
  /** The process before left its files; and, later, it has ended. */
  takeOver(): void
  isAlone(): void
}

const drainMs = 20_000
const reachMs = 1_000
/** At most 20 KB each when idle: 1 GB. */
export const usualConnections = 50_000
const handOverLimits = { idleMs: 10_000, requestsMs: 120_000, endlessMs: 60_000 }

/** GW-1: sends each person to the new or the current service, measures, and fails towards the current one. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, stateDirectory: directory, controlUrls, key } = options
  const clock = options.clock ?? { now: () => new Date() }
  const controlPlane = openControlPlane(controlUrls, key, log)
  const sites = openSites(openKnownBases(join(directory, 'application-bases.json'), log), log)
  const config = watchConfig(options.config, options.trustedProxies ?? [], log, (read) => sites.replace(read))
  const seal = openSeal(options.stateSecret ?? key)
  const sets = openFeedSets(join(directory, 'feed', 'sets'), seal, log)
  const keeper = openFeedKeeper(join(directory, 'feed'), controlUrls, seal, sets, log, (halted) => {
    for (const service of halted) closeToNew(sites.byKey(service.key), log)
  })
  const measuring = openMeasuring({
    controlPlane,
    sites,
    directory,
    clock,
    log,
    isOn: options.measures ?? true,
    suffix: options.takesOver === true ? `.${process.pid}` : '',
  })
  const door = createDoor({ keeper, controlPlane, clock, verify: createPassCache(100_000), report: measuring.report })
  const receive = feedReceiver({
    ...{ keeper, sets, log, isOnly: controlUrls.length === 1 },
    fetchSet: (from, name) => fetchSet(from, key, name),
  })
  const streams = controlUrls.map((url) => followFeed(url, key, log, receive))
  const ownPages = createOwnPages({
    keeper,
    controlPlane,
    measuring,
    clock,
    log,
    isConnected: () => streams.some((stream) => stream.connected()),
    showPage,
  })
  const slow = watchSlowClients()
  const localHalts = watchLocalHalts(directory, log, (service, halt) => {
    options.onLocalHalt?.(service, halt)
    return keeper.halt(service, halt)
  })
  const haltReports = reportLocalHalts(keeper, controlPlane, log)
  const handler = createHandler({ sites, door, ownPages, measuring, slow, log, trustedProxies: config.trustedProxies })
  const server = await listen(handler, {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    cap: openConnectionCap(options.connections ?? usualConnections, log),
  })

  async function end(limits: EndingLimits): Promise<void> {
    localHalts.close()
    haltReports.close()
    // Halts are heard of as long as anybody is served.
    await server.close(limits)
    for (const stream of streams) stream.close()
    config.close()
    slow.close()
    await measuring.close()
    await Promise.all([sites.close(), controlPlane.close()])
  }

  return {
    url: server.url,
    port: server.port,
    ready: () => (keeper.held()?.services.size ?? 0) > 0,
    halt: (service, halt) => void keeper.halt(service, halt),
    reached: (version) => keeper.reach(version, reachMs),
    hearAgain() {
      for (const stream of streams) stream.again()
    },
    reload: config.reload,
    close: (idleMs = 0) => end({ idleMs, requestsMs: options.drainMs ?? drainMs, endlessMs: 0 }),
    handOver(left) {
      const ended = end(handOverLimits)
      keeper.leaveFiles()
      measuring.handOn()
      left()
      return ended
    },
    takeOver: measuring.takeOver,
    isAlone: measuring.isAlone,
  }
}

/** GW-19: WebSockets and event streams to the new arm end with its halt; their clients come back to the current one. */
function closeToNew(site: Site | null, log: Log): void {
  if (site === null || site.openToNew.size === 0) return
  log.info({ service: site.key, count: site.openToNew.size }, 'Open connections to the halted new service were closed')
  for (const open of site.openToNew) open.destroy()
  site.openToNew.clear()
}
