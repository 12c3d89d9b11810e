import { Agent } from 'undici'
import type { Allowed } from './allowed.ts'
import { readBody, type Limit } from './body.ts'
import { asFetch, type Fetch } from './fetch.ts'
import { checkedAddresses, checkUrl, guardedConnector, systemResolve, type Guard, type Resolve } from './guard.ts'
import { OutgoingProblem, problemOf } from './problem.ts'
import { followed, redirectOf } from './redirect.ts'

export interface Trust {
  /** Addresses that an operator wrote, such as an upstream: they may lie inside. Where they lead may not. */
  trusted?: readonly string[]
}

export interface OutgoingRequest extends Trust, Partial<Limit> {
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
  /** How many redirects are followed; without it none: the answer says where it leads. */
  redirects?: number
  patienceMs?: Partial<Patience>
  signal?: AbortSignal
}

export interface Patience {
  connect: number
  headers: number
  /** Between two pieces of the body. */
  body: number
  /** For everything together, redirects included. */
  whole: number
}

export interface OutgoingAnswer {
  url: URL
  status: number
  /** By small letters. */
  headers: Map<string, string[]>
  bytes: Buffer
  isCut: boolean
}

/** The one way out of the service (docs/rules/outgoing.md). */
export interface Outgoing {
  request(url: URL | string, request?: OutgoingRequest): Promise<OutgoingAnswer>
  /** The same in the shape that libraries take; follows five redirects unless told otherwise. */
  fetchWith(trust?: Trust & { mostBytes?: number }): Fetch
  /** What stands against this address now, in words; null where a call would go out. */
  problemWith(url: string): Promise<OutgoingProblem | null>
}

const patience: Patience = { connect: 5_000, headers: 10_000, body: 10_000, whole: 30_000 }
const limit: Limit = { mostBytes: 1024 * 1024, beyond: 'refuse' }

/** Without `allowed` nothing inside is reached, but for what a call itself trusts. */
export function createOutgoing(
  parts: { allowed?: Allowed; ownPorts?: () => readonly number[]; resolve?: Resolve } = {},
): Outgoing {
  const guardFor = ({ trusted = [] }: Trust): Guard => ({
    allowed: parts.allowed ?? { name: () => false, address: () => false },
    ownPorts: parts.ownPorts ?? (() => []),
    resolve: parts.resolve ?? systemResolve,
    trusted: new Set(trusted.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : []))),
  })
  const outgoing: Outgoing = {
    async request(url, request = {}) {
      try {
        return await follow(parse(url), request, guardFor(request))
      } catch (error) {
        throw problemOf(error)
      }
    },
    fetchWith: (trust = {}) => asFetch((url, request) => outgoing.request(url, { ...trust, ...request })),
    async problemWith(url) {
      try {
        checkUrl(parse(url), guardFor({}))
        await checkedAddresses(parse(url), guardFor({}))
        return null
      } catch (error) {
        return problemOf(error)
      }
    },
  }
  return outgoing
}

function parse(url: URL | string): URL {
  if (!URL.canParse(String(url))) throw new OutgoingProblem('OUTGOING_ADDRESS')
  return new URL(url)
}

async function follow(url: URL, request: OutgoingRequest, guard: Guard): Promise<OutgoingAnswer> {
  const deadline = AbortSignal.timeout(request.patienceMs?.whole ?? patience.whole)
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal])
  const most = request.redirects ?? 0
  let next = { url, request }
  for (let redirects = 0; ; redirects++) {
    const answer = await exchange(next.url, next.request, guard, signal)
    const to = most === 0 ? null : redirectOf(answer)
    if (to === null) return answer
    if (redirects === most) throw new OutgoingProblem('OUTGOING_REDIRECTS')
    next = followed(next, answer.status, to)
  }
}

/** A connection of its own for each: one that was opened under another trust is never used again. */
async function exchange(
  url: URL,
  request: OutgoingRequest,
  guard: Guard,
  signal: AbortSignal,
): Promise<OutgoingAnswer> {
  checkUrl(url, guard)
  const method = request.method ?? 'GET'
  if (!/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method)) throw new OutgoingProblem('OUTGOING_METHOD')
  const { connect, headers, body } = { ...patience, ...request.patienceMs }
  const agent = new Agent({
    connect: guardedConnector(url, guard, connect),
    headersTimeout: headers,
    bodyTimeout: body,
    allowH2: false,
  })
  try {
    const said = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { 'user-agent': 'Phasegate', 'accept-encoding': 'identity', ...request.headers },
      body: request.body ?? null,
      signal,
    })
    const named = new Map<string, string[]>()
    for (const [name, value] of Object.entries(said.headers)) {
      if (value !== undefined) named.set(name.toLowerCase(), [value].flat())
    }
    const isEmpty = method === 'HEAD' || said.statusCode === 204 || said.statusCode === 304
    const encoding = isEmpty ? undefined : named.get('content-encoding')?.join(',')
    const read = await readBody(said.body, encoding, { ...limit, ...given(request) })
    return { url, status: said.statusCode, headers: named, ...read }
  } finally {
    void agent.destroy()
  }
}

function given({ mostBytes, beyond }: OutgoingRequest): Partial<Limit> {
  return { ...(mostBytes === undefined ? {} : { mostBytes }), ...(beyond === undefined ? {} : { beyond }) }
}
