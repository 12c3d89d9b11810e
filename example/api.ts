import { setTimeout as pause } from 'node:timers/promises'
import type { Teammate } from './gate-story.ts'
import { team } from './gate-story.ts'

/** When an act took place, and who did it; only example data may tell either (`Phasegate-Time`, `Phasegate-As`). */
export interface Telling {
  at?: Date
  by?: Teammate
  /** The same by address, of somebody of another team. */
  as?: string
}

export interface Api {
  call(method: string, path: string, body?: unknown, telling?: Telling): Promise<Record<string, unknown>>
  /** What a person without an account does on a page of the service's own host; gives the answer's headers. */
  press(path: string, form: Record<string, string>, telling: Telling): Promise<Headers>
}

export function createApi(url: string, adminKey: string): Api {
  return {
    async call(method, path, body, { at, by, as } = {}) {
      const headers: Record<string, string> = { authorization: `Bearer ${adminKey}`, accept: 'application/json' }
      if (body !== undefined) headers['content-type'] = 'application/json'
      if (at) headers['phasegate-time'] = at.toISOString()
      if (by) headers['phasegate-as'] = team[by].email
      if (as) headers['phasegate-as'] = as
      const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) }
      const response = await fetchPatiently(new URL(path, url), init)
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 600)}`)
      return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
    },
    async press(path, form, { at }) {
      const headers: Record<string, string> = { authorization: `Bearer ${adminKey}`, accept: 'text/html' }
      if (at) headers['phasegate-time'] = at.toISOString()
      const init = { method: 'POST', headers, body: new URLSearchParams(form), redirect: 'manual' } as const
      const response = await fetch(new URL(path, url), init)
      if (response.status >= 400) throw new Error(`POST ${path} was answered with ${response.status}`)
      await response.arrayBuffer()
      return response.headers
    },
  }
}

const mostTries = 10
const pauseMs = 1_000

/** A slow machine may be too busy for the moment. Events carry their ids, so that sent again they count once. */
async function fetchPatiently(url: URL, init: RequestInit): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(url, init)
    if (response.status !== 503 || url.pathname !== '/api/v1/events' || tries === mostTries) return response
    await response.arrayBuffer()
    await pause(pauseMs)
  }
}

/** Some at a time, in their order: fast, and never more than the other side can take. */
export async function each<T>(items: readonly T[], together: number, work: (item: T, index: number) => Promise<void>) {
  let next = 0
  const walk = async () => {
    for (let index = next++; index < items.length; index = next++) await work(items[index] as T, index)
  }
  await Promise.all(Array.from({ length: Math.min(together, items.length) }, walk))
}
