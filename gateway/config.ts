import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { writeDurably } from './durable.ts'
import { isAddressOrNetwork } from './trusted-proxies.ts'

/** `gateway.yaml`: the truth about upstreams. Everything else comes from the control plane by the feed. */
export interface GatewayConfig {
  /** Addresses and networks of proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustedProxies: string[]
  services: GatewayService[]
}

export interface GatewayService {
  key: string
  /** Host names with or without a port; `*` is every host. */
  hosts: string[]
  /** Path prefixes; `/` is everything. */
  paths: string[]
  current: string
  new: string
  checks: { path: string; seconds: number }
  /** GW-14: `functional` keeps units out of events; a cookie with a value asks for a yes before anybody is drawn. */
  consent: 'functional' | { cookie: string; value: string }
  /** Paths such as `/assets/**` for which `?pg_arm=` is honoured. */
  assets: string[]
  insert: { banner: boolean; feedbackLink: boolean; endQuestion: boolean }
  /** GW-9: by which name the applications call themselves when they compare Origin with their base URL. */
  applicationBase: 'learned' | 'own' | 'outside'
}

export const holdingPage = 'holding-page'

/** A gateway.yaml that can't be used; every problem is one line that says where it stands. */
export class GatewayConfigProblem extends Error {
  readonly problems: string[]
  constructor(path: string, problems: string[]) {
    super(`${path} can't be used: ${problems.join('; ')}`)
    this.problems = problems
  }
}

const text = z.string().min(1).max(400)
const address = text.refine(isSiteAddress, {
  error: 'must be the address of a site, such as https://new.example.org, without a path',
})
const proxy = text.refine(isAddressOrNetwork, {
  error: 'must be an address or a network, such as 10.0.0.5 or 10.1.0.0/16',
})
const prefix = text.startsWith('/', { error: 'must start with /' })

const service = z.strictObject({
  hosts: z.array(text).min(1).max(100).default(['*']),
  paths: z.array(prefix).min(1).max(100).default(['/']),
  current: z.union([z.literal(holdingPage), address], {
    error: `must be the address of a site, such as https://old.example.org, or ${holdingPage}`,
  }),
  new: address,
  checks: z
    .strictObject({ path: prefix.default('/'), seconds: z.number().min(0.1).max(3600).default(1) })
    .default({ path: '/', seconds: 1 }),
  consent: z
    .union([z.literal('functional'), z.strictObject({ cookie: text, value: text })], {
      error: 'must be functional, or a cookie and its value',
    })
    .default('functional'),
  assets: z.array(prefix).max(100).default([]),
  insert: z
    .strictObject({
      banner: z.boolean().default(false),
      feedbackLink: z.boolean().default(false),
      endQuestion: z.boolean().default(false),
    })
    .default({ banner: false, feedbackLink: false, endQuestion: false }),
  applicationBase: z.enum(['learned', 'own', 'outside']).default('learned'),
})

const file = z.strictObject({
  trustedProxies: z.array(proxy).max(100).default([]),
  services: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), service).default({}),
})

function isSiteAddress(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash && !url.username
}

/** Reads and checks a gateway.yaml; a file that is not there yet is a gateway without services. */
export function readGatewayConfig(path: string): GatewayConfig {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { trustedProxies: [], services: [] }
    throw error
  }
  return parseGatewayConfig(source, path)
}

export function parseGatewayConfig(source: string, path = 'gateway.yaml'): GatewayConfig {
  const document = parseDocument(source)
  if (document.errors.length > 0) {
    throw new GatewayConfigProblem(
      path,
      document.errors.map((error) => error.message.split('\n')[0] ?? 'is not YAML'),
    )
  }
  const parsed = file.safeParse(document.toJS() ?? {})
  if (!parsed.success) {
    throw new GatewayConfigProblem(
      path,
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${inWords(issue)}`),
    )
  }
  const services = Object.entries(parsed.data.services).map(([key, entry]) => aService(key, entry))
  const overlaps = overlapping(services)
  if (overlaps.length > 0) throw new GatewayConfigProblem(path, overlaps)
  return { trustedProxies: parsed.data.trustedProxies, services }
}

function inWords(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? `there is no ${issue.keys.join(', no ')}` : issue.message
}

function aService(key: string, entry: z.output<typeof service>): GatewayService {
  const current = entry.current === holdingPage ? holdingPage : new URL(entry.current).origin
  return {
    key,
    ...entry,
    current,
    new: new URL(entry.new).origin,
    hosts: entry.hosts.map((host) => host.toLowerCase()),
  }
}

function overlapping(services: GatewayService[]): string[] {
  const seen = new Map<string, string>()
  const problems: string[] = []
  for (const { key, hosts, paths } of services) {
    for (const place of hosts.flatMap((host) => paths.map((path) => `${host} ${path}`))) {
      const other = seen.get(place)
      if (other !== undefined && other !== key) problems.push(`services.${key}: ${other} has the same host and path`)
      seen.set(place, key)
    }
  }
  return problems
}

/** Key of the other service that answers at this host and at every path, where there is one. */
export function hostTakenBy(path: string, key: string, host: string): string | null {
  const { services } = readGatewayConfig(path)
  const other = services.find((each) => each.key !== key && each.hosts.includes(host) && each.paths.includes('/'))
  return other?.key ?? null
}

/** Adds or replaces one service in a gateway.yaml; the rest of the file stays, comments too. */
export function writeGatewayService(path: string, entry: Partial<GatewayService> & { key: string }): void {
  const { key, ...rest } = entry
  let source = ''
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const document = parseDocument(source)
  if (document.contents === null) document.contents = document.createNode({}) as never
  document.setIn(['services', key], document.createNode(rest))
  const written = document.toString()
  parseGatewayConfig(written, path)
  writeDurably(path, written)
}

/** Takes one service out of a gateway.yaml; the rest of the file stays, comments too. */
export function removeGatewayService(path: string, key: string): void {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const document = parseDocument(source)
  if (!document.hasIn(['services', key])) return
  document.deleteIn(['services', key])
  writeDurably(path, document.toString())
}
