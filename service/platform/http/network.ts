import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** How many leading bits of an address count as one sender. */
export interface NetworkBits {
  ipv4: number
  ipv6: number
}

/** A household or a machine has a whole /64 of IPv6: counted by address, it would have a limit for each of them. */
const oneSender: NetworkBits = { ipv4: 32, ipv6: 64 }

/** The network that an address belongs to, for limits. */
export function networkOf(address: string, bits: NetworkBits = oneSender): string {
  // Most are, and each request asks.
  if (bits.ipv4 === 32 && isIPv4(address)) return `${address}/32`
  if (!ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  const length = bits[parsed.kind()]
  const kept = parsed
    .toByteArray()
    .map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, length - index * 8))) & 0xff)
  return `${ipaddr.fromByteArray(kept).toString()}/${length}`
}
