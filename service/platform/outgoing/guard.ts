import { lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { isInside, isOwnMachineAddress } from './address.ts'
import type { Allowed } from './allowed.ts'
import { OutgoingProblem } from './problem.ts'

export interface Found {
  address: string
  family: number
}

/** Every address of a host name. */
export type Resolve = (host: string) => Promise<Found[]>

export interface Guard {
  allowed: Allowed
  /** Ports of this installation on this machine. */
  ownPorts(): readonly number[]
  resolve: Resolve
  /** Origins that an operator wrote, such as an upstream of gateway.yaml: wherever they are, they are meant. */
  trusted: ReadonlySet<string>
}

/** Below 1024 only the web's own; above, none that other protocols are known by. */
const otherProtocols = new Set([
  1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 5900, 6000,
  6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 10080, 11211, 27017,
])

/** OUT-1, OUT-3: what can be said of an address before anything is looked up. */
export function checkUrl(url: URL, { trusted }: Pick<Guard, 'trusted'>): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new OutgoingProblem('OUTGOING_ADDRESS')
  if (url.hostname === '' || url.href.length > 4_000) throw new OutgoingProblem('OUTGOING_ADDRESS')
  if (url.username !== '' || url.password !== '') throw new OutgoingProblem('OUTGOING_CREDENTIALS')
  if (!trusted.has(url.origin) && !isWebPort(portOf(url))) throw new OutgoingProblem('OUTGOING_PORT')
}

function isWebPort(port: number): boolean {
  return port === 80 || port === 443 || (port >= 1024 && !otherProtocols.has(port))
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** OUT-2: every address that the host of this URL has now, each of them checked. */
export async function checkedAddresses(url: URL, guard: Guard): Promise<Found[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  const found = family === 0 ? await guard.resolve(host) : [{ address: host, family }]
  if (found.length === 0) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
  if (!guard.trusted.has(url.origin) && !found.every(({ address }) => mayReach(host, address, portOf(url), guard))) {
    throw new OutgoingProblem('OUTGOING_INSIDE')
  }
  return found
}

function mayReach(host: string, address: string, port: number, guard: Guard): boolean {
  const isOwn = isOwnMachineAddress(address)
  if (!isOwn && !isInside(address)) return true
  if (isOwn && guard.ownPorts().includes(port)) return false
  return guard.allowed.name(host) || guard.allowed.address(address)
}

/** OUT-2: the socket connects to what was checked a moment ago; the name is never looked up a second time. */
export function guardedConnector(url: URL, guard: Guard, timeoutMs: number): buildConnector.connector {
  return (options, done) => {
    checkedAddresses(url, guard).then(
      (found) => {
        const pinned: LookupFunction = (_host, { all }, tell) => {
          const [first] = found
          if (all === true) return tell(null, found)
          tell(null, first?.address ?? '', first?.family)
        }
        buildConnector({ timeout: timeoutMs, allowH2: false, maxCachedSessions: 0, lookup: pinned })(options, done)
      },
      (error: unknown) => done(error instanceof Error ? error : new Error('not looked up', { cause: error }), null),
    )
  }
}

export const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, found) => (error === null ? resolve(found) : reject(error)))
  })
