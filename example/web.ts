import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { lookUp, readMonths } from './rules.ts'
import type { Answers } from './rules.ts'

export interface Visit {
  method: string
  path: string
  form: URLSearchParams
  answers: Answers
  /** Who it is, as the gateway tells; null where nobody is known. */
  unit: string | null
}

export type Reply =
  | { kind: 'page'; status: number; html: string; answers?: Answers }
  | { kind: 'redirect'; to: string; answers?: Answers }
  | { kind: 'style'; css: string }

export interface Site {
  /** Name of the cookie that holds the answers; there is no database. */
  cookie: string
  headers: Record<string, string>
  answer(visit: Visit): Reply | Promise<Reply>
}

export interface Running {
  url: string
  close(): Promise<void>
}

const longestForm = 10_000

export async function serve(site: Site, port: number, host: string): Promise<Running> {
  const server = createServer(async (request, response) => {
    try {
      const path = new URL(request.url ?? '/', 'http://example.invalid').pathname
      const form = await readForm(request)
      if (!form) return response.writeHead(413).end()
      const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
      const told = request.headers['x-pg-unit']
      const unit = typeof told === 'string' ? told : null
      const reply = await site.answer({ method, path, form, answers: readAnswers(request, site.cookie), unit })
      for (const [name, value] of Object.entries(site.headers)) response.setHeader(name, value)
      if (reply.kind === 'style') {
        return response.writeHead(200, { 'content-type': 'text/css', 'cache-control': 'max-age=300' }).end(reply.css)
      }
      response.setHeader('cache-control', 'no-store')
      if (reply.answers) response.setHeader('set-cookie', keepAnswers(reply.answers, site.cookie))
      if (reply.kind === 'redirect') return response.writeHead(303, { location: reply.to }).end()
      response.writeHead(reply.status, { 'content-type': 'text/html; charset=utf-8' }).end(reply.html)
    } catch (error) {
      console.error(error)
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end('Something went wrong. Try again later.')
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const { port: listening } = server.address() as AddressInfo
  return {
    url: `http://${host}:${listening}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  let text = ''
  // Read to its end even where it is too long: whoever is cut off while sending never reads why.
  for await (const part of request.setEncoding('utf8')) if (text.length <= longestForm) text += part
  return text.length > longestForm ? null : new URLSearchParams(text)
}

function keepAnswers(answers: Answers, cookie: string): string {
  const value = Buffer.from(JSON.stringify(answers)).toString('base64url')
  return `${cookie}=${value}; Path=/; HttpOnly; SameSite=Lax`
}

/** A cookie is input like any other: each answer in it is checked again before it is believed. */
function readAnswers(request: IncomingMessage, cookie: string): Answers {
  const pair = (request.headers.cookie ?? '').split(/;\s*/).find((part) => part.startsWith(`${cookie}=`))
  if (!pair) return {}
  let kept: unknown
  try {
    kept = JSON.parse(Buffer.from(pair.slice(cookie.length + 1), 'base64url').toString())
  } catch {
    return {}
  }
  if (typeof kept !== 'object' || kept === null) return {}
  const { postcode, registration, months, reference } = kept as Record<string, unknown>
  const answers: Answers = {}
  if (typeof postcode === 'string' && lookUp(postcode).kind === 'in-zone') answers.postcode = postcode
  if (typeof registration === 'string' && /^[A-Z0-9]{2,8}$/.test(registration)) answers.registration = registration
  const chosen = readMonths(String(months))
  if (chosen) answers.months = chosen
  if (typeof reference === 'string' && /^RP-[0-9A-F]{6}$/.test(reference)) answers.reference = reference
  return answers
}

/** Escapes whatever is put between the words, unless it was made by `html` itself. */
export function html(words: TemplateStringsArray, ...values: (string | number | Markup | Markup[])[]): Markup {
  let text = words[0] ?? ''
  values.forEach((value, index) => {
    const list = Array.isArray(value) ? value : [value]
    text += list.map((one) => (one instanceof Markup ? one.text : escape(String(one)))).join('') + words[index + 1]
  })
  return new Markup(text)
}

export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export const nothing = html``

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
