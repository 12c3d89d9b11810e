import type { EvaluationContext, TrackingEventDetails } from '@openfeature/web-sdk'

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

interface TrackedEvent {
  id: string
  time: string
  service: string
  name: string
  unit?: string
  flags: Record<string, string>
  properties: Record<string, string | number | boolean>
}

const mostAtOnce = 50
/** A browser takes 64 KiB in all to send on behalf of pages that are left, and throws at more. */
const mostBytes = 48_000
const mostProperties = 30
const longestText = 500
const longestUnit = 256
const encoder = new TextEncoder()
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
        const events = batchOf(waiting)
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
      const unit = context.targetingKey
      waiting.push({
        id: newId(),
        time: new Date().toISOString(),
        service,
        name: `custom.${nameOf(trackedName)}`,
        ...(isUnit(unit) && { unit }),
        flags,
        properties: propertiesOf(details),
      })
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

/** Lower case and without what the name of an event cannot hold. */
function nameOf(name: string): string {
  const written = name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')
  return written.replace(/^[^a-z0-9]+/, '').slice(0, 80) || 'unnamed'
}

/** Flat facts in the form that an event takes: 30 at most, texts of 500 letters, no control characters. The others are left out. */
function propertiesOf(details: TrackingEventDetails | undefined): TrackedEvent['properties'] {
  const facts = Object.entries(details ?? {}).flatMap(([name, value]) => {
    const fact = factOf(value)
    return fact === null ? [] : [[fieldOf(name), fact] as const]
  })
  return Object.fromEntries(facts.slice(0, mostProperties))
}

function factOf(value: unknown): string | number | boolean | null {
  // Cut first: half of a pair of surrogates is no character.
  if (typeof value === 'string') return value.slice(0, longestText).replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? value : null
}

function fieldOf(name: string): string {
  const written = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')
  return written.replace(/^[^A-Za-z0-9]+/, '').slice(0, 80) || 'unnamed'
}

function isUnit(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestUnit && /^[^\p{Cc}\p{Cs}]+$/u.test(value)
}

/** As many from the front as one request takes, and one in any case. */
function batchOf(waiting: readonly TrackedEvent[]): TrackedEvent[] {
  let bytes = 0
  const end = waiting.slice(0, mostAtOnce).findIndex((event, index) => {
    bytes += encoder.encode(JSON.stringify(event)).length + 1
    return bytes > mostBytes && index > 0
  })
  return waiting.slice(0, end === -1 ? mostAtOnce : end)
}

/** Taken, or never to be taken. */
function isFinal({ ok, status }: Response): boolean {
  return ok || (status >= 400 && status < 500 && ![401, 408, 429].includes(status))
}

/** What was not taken, in words; null where all was. */
async function lossOf(answer: Response): Promise<string | null> {
  const { refused, title } = (await answer.json().catch(() => ({}))) as {
    refused?: { detail: string }[]
    title?: string
  }
  if (!answer.ok)
    return `Phasegate answered ${answer.status} to tracked events, which are lost: ${title ?? 'no reason given'}`
  const [first] = refused ?? []
  return first === undefined ? null : `Phasegate refused ${refused?.length} of the tracked events: ${first.detail}`
}

/** `randomUUID` is there on secure pages only, and a page that is tried may be none. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
