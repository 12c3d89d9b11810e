import { BlockList, isIP, isIPv4 } from 'node:net'

/** GW-8: the proxies in front whose X-Forwarded-* is believed. */
export interface TrustedProxies {
  trusts(address: string): boolean
  /** The person's address: the right-most one in the list that is no proxy of ours, since anybody can write to the left of it. */
  person(peer: string, forwardedFor: string | null): string
}

export const noProxies: TrustedProxies = { trusts: () => false, person: (peer) => peer }

export function isAddressOrNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/')
  if (isIP(address) === 0) return false
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128))
}

export function trustedProxies(list: readonly string[]): TrustedProxies {
  if (list.length === 0) return noProxies
  const proxies = new BlockList()
  for (const each of list) {
    const [address = '', prefix] = each.split('/')
    if (prefix === undefined) proxies.addAddress(address, family(address))
    else proxies.addSubnet(address, Number(prefix), family(address))
  }
  const known = new Map<string, boolean>()
  const trusts = (address: string): boolean => {
    const remembered = known.get(address)
    if (remembered !== undefined) return remembered
    const isTrusted = isIP(address) !== 0 && proxies.check(address, family(address))
    // Addresses come from outside: without a limit they could fill the memory.
    if (known.size < 1000) known.set(address, isTrusted)
    return isTrusted
  }
  return {
    trusts,
    person(peer, forwardedFor) {
      if (forwardedFor === null || !trusts(peer)) return peer
      let nearest = peer
      for (const said of forwardedFor.split(',').toReversed()) {
        const address = plainAddress(said.trim())
        if (isIP(address) === 0) return nearest
        nearest = address
        if (!trusts(address)) return address
      }
      return nearest
    },
  }
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}

/** IPv4 as IPv4 also where the socket speaks IPv6. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
