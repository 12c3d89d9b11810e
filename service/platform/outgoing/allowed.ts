import { BlockList, isIP } from 'node:net'

/** What the operator lets the installation reach although it lies inside: host names, addresses, ranges. */
export interface Allowed {
  name(host: string): boolean
  address(address: string): boolean
}

/** The entries of OUTGOING_ALLOW, or the first that is neither a host name, an address nor a range. */
export function parseAllowed(text: string): { allowed: Allowed } | { notUnderstood: string } {
  const names = new Set<string>()
  const ranges = new BlockList()
  for (const entry of text.split(/[\s,]+/).filter((each) => each !== '')) {
    const [network = '', bits, more] = entry.split('/')
    const family = isIP(network)
    const most = family === 4 ? 32 : 128
    if (family === 0) {
      const name = bits === undefined ? hostName(entry) : null
      if (name === null) return { notUnderstood: entry }
      names.add(name)
      continue
    }
    const length = bits === undefined ? most : Number(bits)
    const isRange = more === undefined && bits !== '' && Number.isInteger(length) && length >= 0 && length <= most
    if (!isRange || network.includes('%')) return { notUnderstood: entry }
    ranges.addSubnet(network, length, family === 4 ? 'ipv4' : 'ipv6')
  }
  return {
    allowed: {
      name: (host) => names.has(host.toLowerCase().replace(/\.$/, '')),
      address: (address) => ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
    },
  }
}

/** As a URL spells it; null where it is more, or less, than a host name. */
function hostName(entry: string): string | null {
  if (!/^[\p{L}\p{N}.-]+$/u.test(entry) || !URL.canParse(`http://${entry}/`)) return null
  const { hostname } = new URL(`http://${entry}/`)
  return isIP(hostname) === 0 ? hostname.replace(/\.$/, '') : null
}
