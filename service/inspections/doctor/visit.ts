import { Agent, request, type Dispatcher } from 'undici'
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
  close(): Promise<void>
}

const mostBytes = 1024 * 1024
const patienceMs = 10_000

export function openVisitor(): Visitor {
  // A certificate that a browser would not take is a finding of its own, so it is checked.
  const agent = new Agent({ headersTimeout: patienceMs, bodyTimeout: patienceMs, connect: { timeout: patienceMs } })
  const send = async (method: 'GET' | 'POST', url: URL, headers: Record<string, string>, body?: string) => {
    const all = {
      accept: 'text/html,*/*;q=0.8',
      'accept-encoding': 'identity',
      'user-agent': 'Phasegate doctor',
      ...headers,
    }
    const said = await request(url, {
      method,
      headers: all,
      dispatcher: agent,
      ...(body === undefined ? {} : { body }),
    })
    return answerOf(url, method, said)
  }
  return {
    get: (url, headers = {}) => send('GET', url, headers),
    post: (url, headers) => send('POST', url, { 'content-type': 'application/x-www-form-urlencoded', ...headers }, ''),
    close: () => agent.destroy(),
  }
}

async function answerOf(url: URL, method: string, said: Dispatcher.ResponseData): Promise<Answer> {
  const headers = new Map<string, string[]>()
  for (const [name, value] of Object.entries(said.headers)) {
    if (value !== undefined) headers.set(name.toLowerCase(), [value].flat())
  }
  const isHtml = /^text\/html\b/i.test(headers.get('content-type')?.[0] ?? '')
  const text = await start(said.body)
  const written = headers.get('location')?.[0]
  const isRedirect =
    said.statusCode >= 300 && said.statusCode < 400 && written !== undefined && URL.canParse(written, url.href)
  return {
    url,
    method,
    status: said.statusCode,
    headers,
    location: isRedirect ? { written, url: new URL(written, url) } : null,
    isHtml,
    text,
    elements: isHtml ? elementsOf(text) : [],
  }
}

async function start(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > mostBytes) break
  }
  return Buffer.concat(chunks).toString('utf8')
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
