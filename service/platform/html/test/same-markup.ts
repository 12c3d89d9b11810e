import { parseFragment } from 'parse5'

interface Node {
  nodeName: string
  value?: string
  attrs?: { name: string; value: string }[]
  childNodes?: Node[]
}

/** Markup as a person would compare it: one node a line, attributes in order of name, white space made one. */
export const outline = (markup: string): string => lines(parseFragment(markup), 0).join('\n')

const normal = (text: string): string => text.replace(/\s+/g, ' ').trim()

const lines = (node: Node, depth: number): string[] => {
  const indent = '  '.repeat(depth)
  if (node.nodeName === '#comment') return []
  if (node.nodeName === '#text') {
    const text = normal(node.value ?? '')
    return text ? [indent + text] : []
  }
  const attributes = (node.attrs ?? [])
    .map(({ name, value }) => `${name}="${normal(value)}"`)
    .sort()
    .join(' ')
  const children = (node.childNodes ?? []).flatMap((child) => lines(child, depth + 1))
  return [`${indent}<${node.nodeName} ${attributes}>`, ...children]
}
