/**
 * Finds, while a page streams by, the places after `<body …>` and before `</body>`. Comments, scripts and other raw text
 * are stepped over; a page that is no whole document passes untouched. Works on bytes as latin1, so that every encoding
 * that agrees with ASCII comes out as it went in.
 */
export class HtmlScanner {
  readonly #top: string
  readonly #bottom: string
  #pending = ''
  #raw: string | null = null
  #isUntouched = false
  #isDocument = false
  #hasTop = false
  /** After `<body>` and before any content. */
  #isInBody = false
  #isInSkipLink = false
  #hasBottom = false

  constructor(top: string, bottom: string) {
    this.#top = top
    this.#bottom = bottom
  }

  push(chunk: string): string {
    if (this.#isUntouched || this.#hasBottom) return chunk
    const text = this.#pending + chunk
    this.#pending = ''
    let out = ''
    let at = 0
    while (at < text.length) {
      const step = this.#raw === null ? this.#tag(text, at) : this.#rawText(text, at, this.#raw)
      out += step.out
      at = step.next
      if (this.#isUntouched || this.#hasBottom) return out + text.slice(at)
      if (step.waits) {
        this.#pending = text.slice(at)
        break
      }
    }
    if (this.#pending.length <= longestPending) return out
    this.#isUntouched = true
    return out + this.#taken()
  }

  end(): string {
    const rest = this.#taken()
    if (this.#isUntouched || !this.#isDocument || this.#hasBottom) return rest
    return rest + this.#takeTop() + this.#bottom
  }

  #takeTop(): string {
    if (this.#hasTop) return ''
    this.#hasTop = true
    this.#isInBody = false
    return this.#top
  }

  #withTop(before: string, next: number): Step {
    return { out: before + this.#takeTop(), next, waits: false }
  }

  #taken(): string {
    const rest = this.#pending
    this.#pending = ''
    return rest
  }

  /** Steps to the end of a comment, script or style. */
  #rawText(text: string, from: number, end: string): Step {
    const found = indexOfIgnoringCase(text, end, from)
    if (found < 0) {
      const safe = Math.max(from, text.length - end.length + 1)
      return { out: text.slice(from, safe), next: safe, waits: true }
    }
    this.#raw = null
    const next = found + (end === '-->' ? end.length : 0)
    return { out: text.slice(from, next), next, waits: false }
  }

  #tag(text: string, from: number): Step {
    const open = text.indexOf('<', from)
    const before = open < 0 ? text.slice(from) : text.slice(from, open)
    const hasText = /[^\s\xef\xbb\xbf]/.test(before)
    if (!this.#isDocument && hasText) this.#isUntouched = true
    if (this.#isInBody && hasText && !this.#isInSkipLink) {
      // The places are those of elements; text right in the body is content too.
      const at = before.search(/\S/)
      return this.#withTop(before.slice(0, at), from + at)
    }
    if (open < 0 || this.#isUntouched) return { out: before, next: from + before.length, waits: false }
    if (text.startsWith('<!--', open)) {
      this.#raw = '-->'
      return { out: `${before}<!--`, next: open + 4, waits: false }
    }
    const close = endOfTag(text, open)
    if (close === 'none') return { out: text.slice(from, open + 1), next: open + 1, waits: false }
    if (close === 'later') return { out: before, next: open, waits: true }
    return this.#known(text.slice(open, close), before, close)
  }

  #known(tag: string, before: string, next: number): Step {
    const name = (/^<(\/?[a-z][^\s/>]*|!doctype)/i.exec(tag)?.[1] ?? '').toLowerCase()
    if (!this.#isDocument) {
      if (!opensDocument.has(name)) {
        this.#isUntouched = true
        return { out: before + tag, next, waits: false }
      }
      this.#isDocument = true
    }
    let out = before
    if (name === 'frameset') this.#isUntouched = true
    else if (name === 'body' && !this.#hasTop) this.#isInBody = true
    else if (this.#isInBody && name === 'a' && /\shref\s*=\s*["']?#/i.test(tag)) {
      // A link to skip to the content stays the first thing on the page.
      this.#isInSkipLink = true
    } else if (this.#isInSkipLink) this.#isInSkipLink = name !== '/a'
    else if (name === '/body' || name === '/html') {
      out += this.#takeTop()
      this.#hasBottom = true
      return { out: out + this.#bottom + tag, next, waits: false }
    } else if (!this.#hasTop && name !== '' && !name.startsWith('/') && !inHead.has(name)) {
      // Content begins here, also in a document that leaves <body> out.
      out += this.#takeTop()
    }
    if (rawTextElements.has(name) && !tag.endsWith('/>')) this.#raw = `</${name}`
    return { out: out + tag, next, waits: false }
  }
}

interface Step {
  out: string
  next: number
  /** What is left can only be understood with more of it. */
  waits: boolean
}

const longestPending = 64 * 1024
const opensDocument = new Set(['!doctype', 'html', 'head', 'body'])
const inHead = new Set('!doctype html head title meta link base script style noscript template'.split(' '))
const rawTextElements = new Set('script style title textarea xmp iframe noembed noframes noscript template'.split(' '))

function endOfTag(text: string, open: number): number | 'later' | 'none' {
  const first = text[open + 1]
  if (first === undefined || (text.length < open + 4 && '<!--'.startsWith(text.slice(open)))) return 'later'
  if (!/[a-z/!?]/i.test(first)) return 'none'
  let quote = ''
  for (let at = open + 1; at < text.length; at++) {
    const letter = text[at] as string
    if (quote !== '') {
      if (letter === quote) quote = ''
    } else if (letter === '>') return at + 1
    // Only a value can be quoted; elsewhere a quote is a letter like any other.
    else if ((letter === '"' || letter === "'") && /=\s*$/.test(text.slice(Math.max(open, at - 20), at))) quote = letter
  }
  return 'later'
}

function indexOfIgnoringCase(text: string, wanted: string, from: number): number {
  if (wanted === '-->') return text.indexOf(wanted, from)
  return text.toLowerCase().indexOf(wanted, from)
}
