import type { Reply, Site, Visit } from '../web.ts'
import { serve } from '../web.ts'
import type { Running } from '../web.ts'

interface Message {
  customer: string
  subject: string
}

const messages: readonly Message[] = [
  { customer: 'A. Baker', subject: 'The oven arrived with a dent' },
  { customer: 'B. Gardener', subject: 'Can you deliver on Thursday?' },
  { customer: 'A. Baker', subject: 'A photo of the dent' },
  { customer: 'C. Printer', subject: 'The invoice names the wrong street' },
  { customer: 'A. Baker', subject: 'Any news?' },
]

export const featureKey = 'release-threads'

export interface DeskParts {
  /** Where decisions are asked for, by OFREP. */
  url: string
  port: number
  host: string
  /** How long an answer is waited for; after that people get what they had before. */
  patienceMs?: number
}

/** Starts “Desk”, a small inbox for the teams of small companies, with one feature: messages of one customer together. */
export function startDesk({ url, port, host, patienceMs = 500 }: DeskParts): Promise<Running> {
  const site: Site = {
    cookie: 'desk',
    headers: {
      'content-security-policy': "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    },
    answer: async ({ method, path, unit }: Visit): Promise<Reply> => {
      if (method !== 'GET' || path !== '/') return { kind: 'page', status: 404, html: page('Not found', '') }
      return { kind: 'page', status: 200, html: inbox(await isOn(url, unit, patienceMs)) }
    },
  }
  return serve(site, port, host)
}

async function isOn(url: string, unit: string | null, patienceMs: number): Promise<boolean> {
  try {
    const response = await fetch(new URL(`/ofrep/v1/evaluate/flags/${featureKey}`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ context: unit === null ? {} : { targetingKey: unit } }),
      signal: AbortSignal.timeout(patienceMs),
    })
    const { value } = (await response.json()) as { value?: unknown }
    return value === true
  } catch {
    return false
  }
}

function inbox(together: boolean): string {
  if (!together) return page('Inbox', list(messages.map(({ customer, subject }) => `${customer}: ${subject}`)))
  const customers = [...new Set(messages.map(({ customer }) => customer))]
  const threads = customers.map((customer) => {
    const theirs = messages.filter((each) => each.customer === customer).map(({ subject }) => subject)
    return `<h2>${customer}</h2>${list(theirs)}`
  })
  return page('Inbox, by customer', threads.join(''))
}

function list(lines: string[]): string {
  return `<ul>${lines.map((line) => `<li>${line}</li>`).join('')}</ul>`
}

function page(title: string, content: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${title} – Desk</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>body{font:1rem/1.5 system-ui;margin:2rem auto;
max-width:40rem;padding:0 1rem}li{padding:.25rem 0}</style></head><body><p>Desk</p><main><h1>${title}</h1>${content}
</main></body></html>`
}
