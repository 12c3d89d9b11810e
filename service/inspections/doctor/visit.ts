import type { Outgoing, OutgoingAnswer } from '../../platform/index.ts'
import { elementsOf, type PageElement } from './page.ts'

/** One answer of the application, as the doctor saw it. */
export interface Answer {
  url: URL
  method: string
  status: number
  headers: Map<string, string[]>
  /** Absolute, where the answer is a redirect. */
  location: { written: string; url: URL } | null
  isHtml: boolean
  text: string
  elements: PageElement[]
}

export interface Visitor {
  get(url: URL, headers?: Record<string, string>): Promise<Answer>
  post(url: URL, headers: Record<string, string>): Promise<Answer>
}

const mostBytes = 1024 * 1024
const patienceMs = { connect: 10_000, headers: 10_000, body: 10_000 }

/** Asks at an address that an operator wrote, wherever it is; where its pages lead is guarded as any other call. */
export function openVisitor(outgoing: Outgoing, address: string): Visitor {
  const send = async (method: 'GET' | 'POST', url: URL, headers: Record<string, string>, body?: string) => {
    const all = { accept: 'text/html,*/*;q=0.8', 'user-agent': 'Phasegate doctor', ...headers }
    const said = await outgoing.request(url, {
      method,
      headers: all,
      trusted: [address],
      patienceMs,
      mostBytes,
      beyond: 'cut',
      ...(body === undefined ? {} : { body }),
    })
    return answerOf(method, said)
  }
  return {
    get: (url, headers = {}) => send('GET', url, headers),
    post: (url, headers) => send('POST', url, { 'content-type': 'application/x-www-form-urlencoded', ...headers }, ''),
  }
}

function answerOf(method: string, { url, status, headers, bytes }: OutgoingAnswer): Answer {
  const isHtml = /^text\/html\b/i.test(headers.get('content-type')?.[0] ?? '')
  const text = bytes.toString('utf8')
  const written = headers.get('location')?.[0]
  const isRedirect = status >= 300 && status < 400 && written !== undefined && URL.canParse(written, url.href)
  return {
    url,
    method,
    status,
    headers,
    location: isRedirect ? { written, url: new URL(written, url) } : null,
    isHtml,
    text,
    elements: isHtml ? elementsOf(text) : [],
  }
}

/** A redirect is followed on the same host; five are enough for a sign-in. */
const mostRedirects = 5
const leavesAlone = /log-?out|sign-?out|delete|remove|cancel|destroy|unsubscribe/i

/** The page, where it leads, and a few pages that it links to. Only GET, and nothing whose name says that it changes something. */
export async function lookAround(visitor: Visitor, url: URL, mostPages: number): Promise<Answer[]> {
  const answers: Answer[] = []
  const seen = new Set<string>()
  const queue = [url]
  let redirects = 0
  while (queue.length > 0 && answers.length < mostPages + redirects) {
    const next = queue.shift() as URL
    next.hash = ''
    if (seen.has(next.href)) continue
    seen.add(next.href)
    const answer = await visitor.get(next).catch((error: unknown) => {
      if (answers.length === 0) throw error
      return null
    })
    if (answer === null) continue
    answers.push(answer)
    if (answer.location !== null && answer.location.url.origin === url.origin && redirects < mostRedirects) {
      redirects += 1
      queue.unshift(answer.location.url)
    }
    for (const link of linksOf(answer)) {
      if (link.origin === url.origin && !leavesAlone.test(link.pathname) && link.search === '') queue.push(link)
    }
  }
  return answers
}

function linksOf({ elements, url }: Answer): URL[] {
  return elements.flatMap(({ name, attributes }) => {
    const href = name === 'a' ? attributes.get('href') : undefined
    return href !== undefined && URL.canParse(href, url.href) ? [new URL(href, url)] : []
  })
}
