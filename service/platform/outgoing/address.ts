import { BlockList, isIP, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** Where nothing of the public internet lives: OUT-2 names each group. */
const insideV4 = blockList('ipv4', [
  '0.0.0.0/8', // this network; 0.0.0.0 reaches the machine itself
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT, and one cloud's metadata
  '127.0.0.0/8',
  '168.63.129.16/32', // another cloud's platform service, which looks public
  '169.254.0.0/16', // link-local, and the metadata of most clouds
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
])

/** Of IPv6 only 2000::/3 is the public internet; loopback, ULA, link-local, mapped and multicast addresses lie beside it. */
const publicV6 = blockList('ipv6', ['2000::/3'])
const insideV6 = blockList('ipv6', [
  '2001::/23', // protocols, Teredo among them: its address holds another
  '2001:db8::/32',
  '2002::/16', // 6to4: holds an IPv4 address
  '3fff::/20',
])
const nat64 = blockList('ipv6', ['64:ff9b::/96'])

/** OUT-2: whether an address is anything but one of the public internet. What is no address at all counts as inside. */
export function isInside(address: string): boolean {
  if (isIPv4(address)) return insideV4.check(address)
  // A zone names an interface of this machine.
  if (isIP(address) !== 6 || address.includes('%')) return true
  if (nat64.check(address, 'ipv6')) return isInside(lastFourBytes(address))
  if (!publicV6.check(address, 'ipv6') || insideV6.check(address, 'ipv6')) return true
  return isIsatap(address) && isInside(lastFourBytes(address))
}

/** This machine, under whichever of its addresses. */
export function isOwnMachineAddress(address: string): boolean {
  if (address === '::1' || address === '::' || /^(127|0)\./.test(address)) return true
  return Object.values(networkInterfaces()).some((each) => each?.some((own) => own.address === address))
}

export function blockList(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    list.addSubnet(network, Number(bits), family)
  }
  return list
}

/** An interface identifier of ISATAP ends in an IPv4 address. */
function isIsatap(address: string): boolean {
  const groups = groupsOf(address)
  return groups[5] === 0x5efe && (groups[4] === 0 || groups[4] === 0x200)
}

function lastFourBytes(address: string): string {
  const [high = 0, low = 0] = groupsOf(address).slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight groups; URL writes every spelling of an address in one way, without dots. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  if (tail === undefined) return parse(head)
  const [before, after] = [parse(head), parse(tail)]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}
