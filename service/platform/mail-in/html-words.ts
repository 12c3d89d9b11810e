import { parse, type DefaultTreeAdapterMap } from 'parse5'

type Node = DefaultTreeAdapterMap['node']
type Element = DefaultTreeAdapterMap['element']

/** Deeper than anybody writes; what is below is left out. */
const deepest = 200

const unseen = new Set(['head', 'style', 'script', 'title', 'template', 'noscript', 'object', 'svg'])
const blocks = new Set(
  'address article div dl dt dd fieldset footer form h1 h2 h3 h4 h5 h6 header hr li ol p pre section table tr ul'.split(
    ' ',
  ),
)
/** How programs mark what they quote and sign with, besides blockquote: Gmail, Yahoo, Thunderbird, Proton, Outlook. */
const quotes =
  /(^|\s)(gmail_quote|gmail_attr|gmail_signature|yahoo_quoted|moz-cite-prefix|moz-signature|protonmail_quote|protonmail_signature_block)/
/** From here on nothing is the writer's: Outlook puts the history behind, and not into, the element. */
const ends = new Set(['divRplyFwdMsg', 'appendonsend', 'x_divRplyFwdMsg', 'mail-editor-reference-message-container'])
const signatures = new Set(['Signature', 'x_Signature', 'ms-outlook-mobile-signature'])

/** Plain text of a mail that has only HTML, without what its program marks as quoted or as a signature. */
export function wordsOfHtml(source: string): string {
  const parts: string[] = []
  let isLineBegin = true
  let isOver = false
  const write = (words: string) => {
    if (words === '') return
    parts.push(words)
    isLineBegin = words.endsWith('\n')
  }
  const newLine = () => isLineBegin || write('\n')
  const walk = (node: Node, depth: number, isPre: boolean): void => {
    if (isOver || depth > deepest) return
    if ('value' in node && node.nodeName === '#text') {
      const words = isPre ? node.value : node.value.replaceAll(/[ \t\r\n\f]+/g, ' ')
      return write(isLineBegin && !isPre ? words.trimStart() : words)
    }
    if ('tagName' in node) {
      const id = attribute(node, 'id')
      if (ends.has(id)) return void (isOver = true)
      if (unseen.has(node.tagName)) return
      if (node.tagName === 'blockquote' || signatures.has(id) || quotes.test(attribute(node, 'class')))
        return void newLine()
      if (node.tagName === 'br') write('\n')
    }
    if (!('childNodes' in node)) return
    const isBlock = 'tagName' in node && blocks.has(node.tagName)
    if (isBlock) newLine()
    for (const child of node.childNodes) walk(child, depth + 1, isPre || node.nodeName === 'pre')
    if (isBlock) newLine()
    if (node.nodeName === 'p') write('\n')
  }
  walk(parse(source), 0, false)
  return parts.join('')
}

function attribute({ attrs }: Element, name: string): string {
  return attrs.find((each) => each.name === name)?.value ?? ''
}
