import { parse } from 'parse5'

export interface PageElement {
  name: string
  attributes: ReadonlyMap<string, string>
  /** Of script and style only. */
  text: string
}

interface Node {
  nodeName: string
  attrs?: { name: string; value: string }[]
  value?: string
  childNodes?: Node[]
  content?: Node
}

const textual = new Set(['script', 'style'])

/** Every element of a page, in order. */
export function elementsOf(markup: string): PageElement[] {
  const found: PageElement[] = []
  const waiting: Node[] = [parse(markup)]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.attrs !== undefined) {
      found.push({
        name: node.nodeName,
        attributes: new Map(node.attrs.map(({ name, value }) => [name.toLowerCase(), value])),
        text: textual.has(node.nodeName) ? (node.childNodes ?? []).map(({ value }) => value ?? '').join('') : '',
      })
    }
    waiting.push(...[...(node.childNodes ?? []), ...(node.content === undefined ? [] : [node.content])].toReversed())
  }
  return found
}
