import { parse } from 'parse5'
import { OutgoingProblem, type Outgoing } from '../platform/index.ts'
import { openVisitor, type Answer } from './doctor/visit.ts'

export type BannerSeen = { kind: 'seen'; label: string } | { kind: 'missing' } | { kind: 'not-reached'; detail: string }

interface Node {
  nodeName: string
  attrs?: { name: string; value: string }[]
  value?: string
  childNodes?: Node[]
}

/** The label of the phase banner in a page, or null: the gateway's own, the design system's, or one marked so. */
export function bannerIn(markup: string): string | null {
  const banner = find(parse(markup), isBanner)
  if (banner === null) return null
  const label = find(banner, isLabel)
  const words = textOf(label ?? banner)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return words === '' ? null : words.slice(0, 60)
}

function isBanner(node: Node): boolean {
  return (
    attribute(node, 'data-phasegate-banner') !== null ||
    /(^|\s)(govuk-|[\w-]*-)?phase-banner(\s|$)/.test(attribute(node, 'class') ?? '')
  )
}

function isLabel(node: Node): boolean {
  return /(^|\s)([\w-]*tag|[\w-]*label)(\s|$)/.test(attribute(node, 'class') ?? '') || node.nodeName === 'strong'
}

function attribute({ attrs = [] }: Node, name: string): string | null {
  return attrs.find((each) => each.name === name)?.value ?? null
}

function find(node: Node, fits: (node: Node) => boolean): Node | null {
  for (const child of node.childNodes ?? []) {
    const found = fits(child) ? child : find(child, fits)
    if (found !== null) return found
  }
  return null
}

function textOf(node: Node): string {
  return node.nodeName === '#text' ? (node.value ?? '') : (node.childNodes ?? []).map(textOf).join('')
}

/** What the banner of one page says, read as any browser would get it. */
export async function bannerOn(outgoing: Outgoing, address: string): Promise<BannerSeen> {
  const visitor = openVisitor(outgoing, address)
  try {
    let answer = await visitor.get(new URL(address))
    for (let redirects = 0; answer.location?.url.origin === answer.url.origin && redirects < 5; redirects++) {
      answer = await visitor.get(answer.location.url)
    }
    return seenIn(answer)
  } catch (error) {
    if (!(error instanceof OutgoingProblem)) throw error
    return { kind: 'not-reached', detail: error.message }
  }
}

export function seenIn({ status, isHtml, text, location }: Answer): BannerSeen {
  if (location !== null) return { kind: 'not-reached', detail: `it leads to ${location.written}`.slice(0, 300) }
  if (!isHtml) return { kind: 'not-reached', detail: `it is not a page of HTML (status ${status})` }
  if (status >= 400) return { kind: 'not-reached', detail: `it answered ${status}` }
  const label = bannerIn(text)
  return label === null ? { kind: 'missing' } : { kind: 'seen', label }
}
