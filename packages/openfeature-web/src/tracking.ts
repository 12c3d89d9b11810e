import type { EvaluationContext, TrackingEventDetails } from '@openfeature/web-sdk'
import { batchOf, isFinal, lossOf, trackedEvent, type TrackedEvent } from '../../providers/src/index.ts'

export interface Tracking {
  /** `flags`: the variants that the person met, by key. */
  add(name: string, context: EvaluationContext, details: TrackingEventDetails, flags: Record<string, string>): void
  close(): void
}

export interface TrackingOptions {
  url: string
  key: string
  service: string
  fetch: typeof fetch
  /** Where events wait over a navigation; null for memory alone. */
  storage: Storage | null
}

/** A browser takes 64 KiB in all to send on behalf of pages that are left, and throws at more. */
const most = { events: 50, bytes: 48_000 }
const mostWaiting = 500
const gatherMs = 500
const firstPauseMs = 1_000
const longestPauseMs = 60_000

/**
 * Tracked events wait in the session storage of the tab until Phasegate has them, and are sent again under their own ids: what
 * a navigation cut off goes on from the next page, and counts once.
 */
export function openTracking({ url, key, service, fetch, storage }: TrackingOptions): Tracking {
  const name = `phasegate.tracking.${service}`
  let waiting = stored()
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isSending = false
  let isWarned = false

  function stored(): TrackedEvent[] {
    try {
      const kept: unknown = JSON.parse(storage?.getItem(name) ?? '[]')
      return Array.isArray(kept) ? (kept as TrackedEvent[]) : []
    } catch {
      return []
    }
  }

  function store(): void {
    try {
      if (waiting.length === 0) storage?.removeItem(name)
      else storage?.setItem(name, JSON.stringify(waiting))
    } catch {
      // A full or forbidden storage: memory has them as long as the page lives.
    }
  }

  function later(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void flush()
    }, ms)
  }

  async function flush(): Promise<void> {
    if (isSending) return
    isSending = true
    try {
      while (waiting.length > 0) {
        const events = batchOf(waiting, most)
        if (!(await deliver(events))) {
          later(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++) * (0.5 + Math.random() / 2))
          return
        }
        failures = 0
        const gone = new Set(events.map(({ id }) => id))
        waiting = waiting.filter(({ id }) => !gone.has(id))
        store()
      }
    } finally {
      isSending = false
    }
  }

  /** Once: whoever wrote the wrong service into the options would else never know. */
  function warn(loss: string | null): void {
    if (loss === null || isWarned) return
    isWarned = true
    console.warn(loss)
  }

  /** True once Phasegate has them, or will never take them. */
  async function deliver(events: readonly TrackedEvent[]): Promise<boolean> {
    try {
      const answer = await fetch(`${url}/api/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
        // Goes on when the page is left; what gets no answer then is sent again by the next page.
        keepalive: true,
      })
      if (!isFinal(answer)) return false
      warn(await lossOf(answer))
      return true
    } catch {
      return false
    }
  }

  const leaving = (): void => void flush()
  addEventListener('pagehide', leaving)
  if (waiting.length > 0) later(gatherMs)

  return {
    add(trackedName, context, details, flags) {
      const given = { id: newId(), at: new Date(), unit: context.targetingKey }
      waiting.push(trackedEvent({ ...given, service, name: trackedName, flags, details }))
      if (waiting.length > mostWaiting) waiting = waiting.slice(-mostWaiting)
      store()
      later(gatherMs)
    },
    close() {
      removeEventListener('pagehide', leaving)
      clearTimeout(timer)
      timer = undefined
      void flush()
    },
  }
}

/** `randomUUID` is there on secure pages only, and a page that is tried may be none. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
