import { randomUUID } from 'node:crypto'
import type { EvaluationContext, TrackingEventDetails } from '@openfeature/server-sdk'

export interface Tracking {
  /** `flags`: the variants that the person met, by key. */
  add(name: string, context: EvaluationContext, details: TrackingEventDetails, flags: Record<string, string>): void
  /** Tries once more to deliver what waits. */
  close(): Promise<void>
}

interface TrackedEvent {
  id: string
  time: string
  service: string
  name: string
  unit?: string
  flags: Record<string, string>
  properties: Record<string, string | number | boolean>
}

const batch = 500
const mostWaiting = 10_000
const gatherMs = 200
const firstPauseMs = 500
const longestPauseMs = 30_000
const answerMs = 10_000

/** Tracked events wait in memory and are sent again under their own ids until Phasegate has them: counted once. */
export function openTracking(options: {
  urls: readonly string[]
  key: string
  fetch: typeof fetch
  service: string
  now(): Date
}): Tracking {
  let waiting: TrackedEvent[] = []
  let failures = 0
  let at = 0
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | null = null

  function later(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void flush()
    }, ms).unref()
  }

  function flush(): Promise<void> {
    sending ??= send().finally(() => (sending = null))
    return sending
  }

  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const events = waiting.slice(0, batch)
      if (!(await deliver(events))) {
        at++
        return later(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++) * (0.5 + Math.random() / 2))
      }
      failures = 0
      const gone = new Set(events)
      waiting = waiting.filter((event) => !gone.has(event))
    }
  }

  /** True once Phasegate has them, or will never take them. */
  async function deliver(events: readonly TrackedEvent[]): Promise<boolean> {
    try {
      const answer = await options.fetch(`${options.urls[at % options.urls.length]}/api/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${options.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
        signal: AbortSignal.timeout(answerMs),
      })
      await answer.arrayBuffer()
      return answer.ok || (answer.status >= 400 && answer.status < 500 && ![401, 408, 429].includes(answer.status))
    } catch {
      return false
    }
  }

  return {
    add(name, context, details, flags) {
      const unit = context.targetingKey
      waiting.push({
        id: randomUUID(),
        time: options.now().toISOString(),
        service: options.service,
        name: `custom.${nameOf(name)}`,
        ...(typeof unit === 'string' && unit !== '' && { unit }),
        flags,
        properties: scalarsOf(details),
      })
      // The oldest go when nobody takes them for long: memory is the application's.
      if (waiting.length > mostWaiting) waiting = waiting.slice(-mostWaiting)
      later(gatherMs)
    },
    async close() {
      clearTimeout(timer)
      timer = undefined
      await flush()
      clearTimeout(timer)
    },
  }
}

/** Lower case and without what the name of an event cannot hold. */
function nameOf(name: string): string {
  const written = name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')
  return written.replace(/^[^a-z0-9]+/, '').slice(0, 80) || 'unnamed'
}

function scalarsOf(details: TrackingEventDetails | undefined): TrackedEvent['properties'] {
  const isScalar = (value: unknown): value is string | number | boolean =>
    ['string', 'number', 'boolean'].includes(typeof value)
  return Object.fromEntries(
    Object.entries(details ?? {}).flatMap(([name, value]) => (isScalar(value) ? [[name, value] as const] : [])),
  )
}
