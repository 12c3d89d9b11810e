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

const mostAtOnce = 500
/** Phasegate takes 4 MiB. */
const mostBytes = 2_000_000
const mostProperties = 30
const longestText = 500
const longestUnit = 256
const encoder = new TextEncoder()
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
  let isWarned = false

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
      const events = batchOf(waiting)
      if (!(await deliver(events))) {
        at++
        return later(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++) * (0.5 + Math.random() / 2))
      }
      failures = 0
      const gone = new Set(events)
      waiting = waiting.filter((event) => !gone.has(event))
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
      const answer = await options.fetch(`${options.urls[at % options.urls.length]}/api/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${options.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
        signal: AbortSignal.timeout(answerMs),
      })
      if (!isFinal(answer)) {
        await answer.body?.cancel()
        return false
      }
      warn(await lossOf(answer))
      return true
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
        ...(isUnit(unit) && { unit }),
        flags,
        properties: propertiesOf(details),
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
