import type { Reply, Site, Visit } from '../web.ts'
import { serve } from '../web.ts'
import type { Running } from '../web.ts'
import { answeredPage, inbox, messagePage, messages, notFoundPage, problemPage } from './pages.ts'
import { openTelling } from './telling.ts'

export const deskKey = 'desk'
export const featureKey = 'release-threads'

/** Whose mailbox takes no mail, so that the error page can be seen. */
const unreachable = 'C. Printer'

export interface DeskParts {
  /** Where decisions are asked for, by OFREP, and events are sent to. */
  url: string
  /** The application's own key, for its events. */
  key: string
  port: number
  host: string
  /** How long an answer is waited for; after that people get what they had before. */
  patienceMs?: number
  now?: () => Date
}

/** Starts “Desk”, a small inbox for the teams of small companies, with one feature: messages of one customer together. */
export async function startDesk(parts: DeskParts): Promise<Running> {
  const { url, key, port, host, patienceMs = 500, now = () => new Date() } = parts
  const telling = openTelling({ url, key, service: deskKey, now })

  /** What was decided goes with the event: by it people with the feature are told from those without it. */
  async function openInbox(unit: string | null): Promise<string> {
    const byCustomer = await isOn(url, unit, patienceMs)
    if (unit !== null) telling.tell({ name: 'custom.inbox-opened', unit, flags: { [featureKey]: byCustomer } })
    return inbox(byCustomer)
  }

  const site: Site = {
    cookie: 'desk',
    headers: {
      'content-security-policy': "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    },
    async answer({ method, path, unit, form }: Visit): Promise<Reply> {
      const index = Number(/^\/messages\/(\d)$/.exec(path)?.[1] ?? NaN)
      const message = messages[index]
      if (message !== undefined) {
        if (method === 'GET') return found(messagePage(message, index, false))
        if ((form.get('answer') ?? '').trim() === '') return found(messagePage(message, index, true), 422)
        return { kind: 'redirect', to: message.customer === unreachable ? '/problem' : '/answered' }
      }
      if (method !== 'GET') return found(notFoundPage(), 404)
      if (path === '/') return found(await openInbox(unit))
      if (path === '/answered') return found(answeredPage())
      return path === '/problem' ? found(problemPage()) : found(notFoundPage(), 404)
    },
  }
  const running = await serve(site, port, host)
  return {
    url: running.url,
    async close() {
      await running.close()
      await telling.close()
    },
  }
}

const found = (html: string, status = 200): Reply => ({ kind: 'page', status, html })

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
