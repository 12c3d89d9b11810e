import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GatewayConfig, GatewayService } from '../../gateway/config.ts'
import type { FeedService, GatewayFeed } from '../../gateway/feed.ts'
import type { Clock } from '../../gateway/log.ts'
import { createGateway, type Gateway, type GatewayOptions } from '../../gateway/gateway.ts'
import {
  newPassExpiry,
  newUnit,
  signPass,
  type Arm,
  type LettingRung,
  type ServiceSnapshot,
} from '../../packages/admission/src/index.ts'
import {
  startContractApplication,
  type ContractApplication,
  type ContractApplicationOptions,
} from './contract-application.ts'
import { gatewayKey, startProtocolServer, type ProtocolServer } from './control-plane-protocol.ts'
import { until } from './until.ts'

/** A gateway with two contract applications behind it and the control plane's protocol beside it. */
export interface GatewayRig {
  gateway: Gateway
  control: ProtocolServer
  current: ContractApplication
  new: ContractApplication
  logged: string[]
  stateDirectory: string
  ask(path: string, options?: Asking): Promise<Answer>
  raw(text: string): Promise<string>
  /** A cookie of somebody who was let in. */
  pass(
    options?: Partial<{ arm: Arm; rung: LettingRung; unit: string; expiresAt: Date; kid: string; secret: string }>,
  ): string
  /** Publishes a changed feed and waits until the gateway goes by it. */
  publish(change?: (feed: GatewayFeed) => void): Promise<void>
  /** Waits until the gateway goes by the control plane's feed. */
  taken(): Promise<void>
  restart(options?: Partial<GatewayOptions>): Promise<void>
  eventually(holds: () => boolean, what: string): Promise<void>
  close(): Promise<void>
}

export interface Asking {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
  form?: Record<string, string>
}

export interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  setCookies: string[]
  body: Buffer
  text: string
}

export const outsideHost = 'permits.example.org'
export const signingKey = { kid: 'k1', secret: 'a-signing-key-for-tests' }

export function aServiceSnapshot(given: Partial<ServiceSnapshot> = {}): ServiceSnapshot {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    key: 'parking',
    name: 'Apply for a parking permit',
    phase: 'private-beta',
    ceiling: 'invited',
    halt: null,
    salt: 'salt',
    share: 0,
    rolloutVersion: 1,
    joinOpen: false,
    cap: { limit: null, full: false },
    units: { removed: [], choseCurrent: [], joined: [], preview: [], staff: [], invited: [], carried: [] },
    ...given,
  }
}

export function aFeedService(given: Partial<FeedService> = {}): FeedService {
  return {
    key: 'parking',
    name: 'Apply for a parking permit',
    phaseLabel: 'Beta',
    timeZone: 'Europe/London',
    contact: 'permits@example.org',
    signingKeys: [signingKey],
    journeys: [
      {
        id: 'apply',
        name: 'Apply',
        savable: false,
        openDays: 0,
        start: { patterns: ['/start'] },
        steps: [{ id: 'vehicle', name: 'Vehicle', patterns: ['/apply/vehicle', 'POST /apply/vehicle'] }],
        endings: [
          { id: 'done', name: 'Done', outcome: 'completed', patterns: ['/done'] },
          { id: 'not-eligible', name: 'Not eligible', outcome: 'refused', patterns: ['/sorry/*'] },
          { id: 'broken', name: 'Something went wrong', outcome: 'failed', patterns: ['/problem/**'] },
        ],
      },
    ],
    ...given,
  }
}

export function aFeed(service: Partial<ServiceSnapshot> = {}, about: Partial<FeedService> = {}): GatewayFeed {
  return {
    snapshot: { schema: 1, version: 1, createdAt: '2026-01-05T09:00:00Z', services: [aServiceSnapshot(service)] },
    signingKeys: [],
    services: [aFeedService(about)],
  }
}

export interface RigOptions {
  service?: Partial<ServiceSnapshot>
  about?: Partial<FeedService>
  config?: Partial<GatewayService>
  current?: Partial<ContractApplicationOptions>
  new?: Partial<ContractApplicationOptions>
  gateway?: Partial<GatewayOptions>
  trustedProxies?: string[]
}

export async function startGatewayRig(options: RigOptions = {}): Promise<GatewayRig> {
  const current = await startContractApplication({ name: 'current', ...options.current })
  const fresh = await startContractApplication({ name: 'new', ...options.new })
  const control = await startProtocolServer(aFeed(options.service, options.about))
  const stateDirectory = mkdtempSync(join(tmpdir(), 'phasegate-gateway-'))
  const logged: string[] = []
  const log = {
    info: (_detail: object, line: string) => void logged.push(line),
    warn: (_detail: object, line: string) => void logged.push(line),
    error: (_detail: object, line: string) => void logged.push(line),
  }
  const config: GatewayConfig = {
    trustedProxies: options.trustedProxies ?? [],
    services: [
      {
        key: 'parking',
        hosts: ['*'],
        paths: ['/'],
        current: current.url,
        new: fresh.url,
        checks: { path: '/', seconds: 0.2 },
        consent: 'functional',
        assets: ['/assets/**'],
        insert: { banner: false, feedbackLink: false, endQuestion: false },
        applicationBase: 'learned',
        ...options.config,
      },
    ],
  }
  const given = {
    config,
    controlUrls: [control.url],
    key: gatewayKey,
    stateDirectory,
    log,
    drainMs: 1000,
    ...options.gateway,
  }

  const rig: GatewayRig = {
    gateway: await createGateway(given),
    control,
    current,
    new: fresh,
    logged,
    stateDirectory,
    ask: (path, asking) => ask(rig.gateway.port, path, asking),
    raw: (text) => sendRaw(rig.gateway.port, text),
    pass(wanted = {}) {
      const { kid, secret, ...rest } = { ...signingKey, ...wanted }
      const fields = {
        arm: 'new' as const,
        rung: 'invited' as const,
        unit: newUnit(),
        expiresAt: newPassExpiry(new Date()),
      }
      return `pg_parking=${signPass({ ...fields, ...rest, kid, service: 'parking' }, secret)}`
    },
    async publish(change) {
      control.publish(change)
      await rig.taken()
    },
    async taken() {
      await until('the gateway goes by the feed', async () => {
        const { text } = await rig.ask('/.phasegate/health')
        return (JSON.parse(text) as { snapshot: number | null }).snapshot === control.feed.snapshot.version
      })
    },
    async restart(changed = {}) {
      await rig.gateway.close()
      rig.gateway = await createGateway({ ...given, ...changed })
    },
    eventually: (holds, what) => until(what, holds),
    async close() {
      await rig.gateway.close()
      await Promise.allSettled([current.stop(), fresh.stop(), control.stop()])
      rmSync(stateDirectory, { recursive: true, force: true })
    },
  }
  await rig.eventually(() => rig.gateway.ready(), 'the first feed')
  return rig
}

export function ask(port: number, path: string, { method, headers = {}, body, form }: Asking = {}): Promise<Answer> {
  const content = form === undefined ? body : new URLSearchParams(form).toString()
  const typed = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1',
      port,
      path,
      method: method ?? (content === undefined ? 'GET' : 'POST'),
      headers: { host: outsideHost, ...typed, ...headers },
      agent: false,
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(chunks)
        const setCookies = response.headers['set-cookie'] ?? []
        const { statusCode: status = 0, headers: given } = response
        resolve({ status, headers: given, setCookies, body: whole, text: whole.toString('utf8') })
      })
    })
    request.end(content)
  })
}

/** Sends bytes as they are; answers what came back until the other side closed, as the last request has to ask for. */
export function sendRaw(port: number, text: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.on('data', (chunk) => (received += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.write(text)
  })
}

/**
 * A clock that begins at noon, and can be put forward: what counts once a day, and a visitor without a pass, who is
 * another one the next day, must not depend on when a test is run.
 */
export function clockFromNoon(): Clock & { forward(ms: number): void } {
  const noon = new Date().setUTCHours(12, 0, 0, 0)
  const begun = performance.now()
  let aheadMs = 0
  return {
    now: () => new Date(noon + performance.now() - begun + aheadMs),
    forward: (ms) => void (aheadMs += ms),
  }
}

/** Name and value of the cookie that an answer sets, as a browser sends it back. */
export function cookieSet(answer: Answer, name: string): string | null {
  const found = answer.setCookies.find((each) => each.startsWith(`${name}=`))
  return found === undefined ? null : (found.split(';')[0] ?? null)
}
