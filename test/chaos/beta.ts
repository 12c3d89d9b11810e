import { Agent, request, type IncomingMessage } from 'node:http'
import type { LookupFunction } from 'node:net'
import { signInFirst, startArms } from './door.ts'
import type { Installation, Stage } from './scenario.ts'

/** A service with people in it: its two versions, its door, and the person who answers for it. */
export interface Beta {
  key: string
  /** Invites everybody; the links as they would stand in the mails. */
  invite(addresses: readonly string[]): Promise<string[]>
  /** Opens the link, presses the button; the pass that comes of it, as a cookie. */
  accept(link: string): Promise<string>
  /** Asks for the service at the gateway, with this cookie: which version answered. */
  served(cookie: string): Promise<string>
  /** Somebody without a pass comes by; the pass of the share, where one is given. */
  visit(): Promise<string | null>
  /** A page of the team, as it is answered. */
  look(path: string): Promise<Answered>
  halt(): Promise<void>
  resume(): Promise<void>
  move(phase: string): Promise<void>
  /** A page of the team, as its service manager. */
  /** Places that the ledger counts. */
  taken(): Promise<number>
  setCap(cap: number): Promise<void>
  setShare(percent: number): Promise<void>
  press(path: string, form: Record<string, string>): Promise<Answered>
}

export interface Answered {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

export async function aBeta(
  stage: Stage,
  installation: Installation,
  { key = 'permit', phase = 'private-beta', door = 'gateway', gatewayUrl = installation.gatewayUrl } = {},
): Promise<Beta> {
  const { current: currentUrl, next: newUrl } = await startArms(stage)
  const added = await installation.api('POST', '/api/v1/services', {
    key,
    name: 'Apply for a resident parking permit',
    currentUrl,
    newUrl,
    phase,
    door,
    host: `${key}.localhost`,
  })
  if (added.status !== 201) throw new Error(`The service was not added: ${JSON.stringify(added.body)}`)
  const gateway = new Agent({ keepAlive: true, maxSockets: 256 })
  const home = new URL(gatewayUrl.replace('//127.0.0.1', `//${key}.localhost`))
  stage.onEnd(() => gateway.destroy())
  const session = await signedIn(installation)
  const press: Beta['press'] = (path, form) =>
    send(new URL(path, installation.url), { form, headers: { cookie: session } })
  const must = async (asked: Promise<{ status: number; body?: unknown; text?: string }>): Promise<void> => {
    const { status, body, text } = await asked
    if (status >= 400) throw new Error(`It was answered with ${status}: ${text ?? JSON.stringify(body)}`)
  }
  return {
    key,
    async invite(addresses) {
      const links: string[] = []
      for (let from = 0; from < addresses.length; from += 2500) {
        const { status, body } = await installation.api('POST', `/api/v1/services/${key}/invitations`, {
          addresses: addresses.slice(from, from + 2500),
          overInvite: true,
        })
        if (status >= 300) throw new Error(`Nobody was invited: ${JSON.stringify(body)}`)
        for (const { link } of body.results as { link: string }[]) links.push(link)
      }
      return links
    },
    accept: async (link) => passOf(await accept(link)),
    async served(cookie) {
      return (await send(home, { agent: gateway, headers: { cookie } })).text
    },
    async visit() {
      const { headers } = await send(home, { agent: gateway })
      const pass = headers['set-cookie']?.find((cookie) => /^pg_.*\.new\./.test(cookie))
      return pass?.split(';')[0] ?? null
    },
    look: (path) => send(new URL(path, installation.url), { headers: { cookie: session } }),
    halt: () => must(installation.api('POST', `/api/v1/services/${key}/halt`, { reason: 'Tried out' })),
    resume: () => must(press(`/services/${key}/resume`, { reason: 'Tried out' })),
    move: (to) =>
      must(installation.api('POST', `/api/v1/services/${key}/phase`, { to, reason: 'Tried', waiver: 'Tried out' })),
    async taken() {
      const { body } = await installation.api('GET', `/api/v1/services/${key}/admission`)
      return body.places.taken as number
    },
    setCap: (cap) => must(installation.api('PUT', `/api/v1/services/${key}/cap`, { cap })),
    setShare: (percent) => must(installation.api('PUT', `/api/v1/services/${key}/share`, { percent })),
    press,
  }
}

/** The POST of the form on the page of an invitation, with what stands in the form. */
export async function accept(link: string, nonce?: string): Promise<Answered> {
  const page = nonce === undefined ? await send(new URL(link), {}) : null
  const found = nonce ?? /name="nonce" value="([^"]+)"/.exec(page?.text ?? '')?.[1] ?? ''
  return send(new URL(`${link}/accept`), { form: { nonce: found } })
}

export function passOf({ status, headers, text }: Answered): string {
  const pass = headers['set-cookie']?.find((cookie) => cookie.startsWith('pg_') && !cookie.includes('Max-Age=0'))
  if (status !== 303 || pass === undefined) throw new Error(`No pass came, but ${status}: ${text.slice(0, 300)}`)
  return pass.split(';')[0] ?? ''
}

const sessions = new WeakMap<Installation, Promise<string>>()

function signedIn(installation: Installation): Promise<string> {
  const session = sessions.get(installation) ?? signInFirst(installation)
  sessions.set(installation, session)
  return session
}

export interface Sending {
  method?: string
  form?: Record<string, string>
  json?: unknown
  headers?: Record<string, string>
  agent?: Agent
}

export function send(
  url: URL,
  { form, json, headers = {}, agent, method = form || json ? 'POST' : 'GET' }: Sending,
): Promise<Answered> {
  const body = form ? new URLSearchParams(form).toString() : json === undefined ? undefined : JSON.stringify(json)
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method,
        headers: {
          accept: 'text/html',
          ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
        timeout: 120_000,
        lookup: onThisMachine,
        ...(agent === undefined ? {} : { agent }),
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
        answer.on('error', reject)
      },
    )
    asked.on('timeout', () => asked.destroy(new Error(`${url.pathname} was not answered in time`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Whatever a service is called, it is here. */
const onThisMachine: LookupFunction = (_name, { all }, told) =>
  all ? told(null, [{ address: '127.0.0.1', family: 4 }]) : told(null, '127.0.0.1', 4)

/** The value that 99 of a hundred stay below. */
export function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY
}
