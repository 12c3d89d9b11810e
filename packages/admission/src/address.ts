import { BlockList, isIP } from 'node:net'

/**
 * Whether addresses lie in a range such as `192.0.2.0/24` or `2001:db8::/32`; without a length, in that one address. An
 * IPv4 address written as IPv6 (`::ffff:192.0.2.1`) counts as the IPv4 one. Null where the text is no range.
 *
 * @example addressRange('192.0.2.0/24')?.('192.0.2.7') // true
 */
export function addressRange(range: string): ((address: string) => boolean) | null {
  const [address = '', length, ...more] = range.split('/')
  const family = isIP(address)
  const longest = family === 6 ? 128 : 32
  if (family === 0 || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null
  const bits = length === undefined ? longest : Number(length)
  if (bits > longest) return null
  const list = new BlockList()
  list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  return (asked) => {
    const kind = isIP(asked)
    return kind !== 0 && list.check(asked, kind === 6 ? 'ipv6' : 'ipv4')
  }
}
