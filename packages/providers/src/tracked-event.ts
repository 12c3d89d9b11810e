/** An event of an application, as `POST /api/v1/events` takes it. */
export interface TrackedEvent {
  id: string
  time: string
  service: string
  name: string
  unit?: string
  flags: Record<string, string>
  properties: Record<string, string | number | boolean>
}

export interface Tracked {
  id: string
  at: Date
  service: string
  /** As the application calls it. */
  name: string
  /** The targeting key, if that is what it is. */
  unit: unknown
  /** The variants that the person met, by key. */
  flags: Record<string, string>
  details: Readonly<Record<string, unknown>> | undefined
}

const mostProperties = 30
const longestText = 500
const longestUnit = 256
const encoder = new TextEncoder()

/** What does not fit into an event is cut or left out: it must not cost the event. */
export function trackedEvent({ id, at, service, name, unit, flags, details }: Tracked): TrackedEvent {
  return {
    ...{ id, time: at.toISOString(), service, name: `custom.${nameOf(name)}` },
    ...(isUnit(unit) && { unit }),
    ...{ flags, properties: propertiesOf(details) },
  }
}

/** Lower case and without what the name of an event cannot hold. */
function nameOf(name: string): string {
  const written = name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-')
  return written.replace(/^[^a-z0-9]+/, '').slice(0, 80) || 'unnamed'
}

/** Flat facts: 30 at most, texts of 500 letters, no control characters. The others are left out. */
function propertiesOf(details: Tracked['details']): TrackedEvent['properties'] {
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
export function batchOf(
  waiting: readonly TrackedEvent[],
  { events, bytes: mostBytes }: { events: number; bytes: number },
): TrackedEvent[] {
  let bytes = 0
  const end = waiting.slice(0, events).findIndex((event, index) => {
    bytes += encoder.encode(JSON.stringify(event)).length + 1
    return bytes > mostBytes && index > 0
  })
  return waiting.slice(0, end === -1 ? events : end)
}

/** Taken, or never to be taken: sending it again would change nothing. */
export function isFinal({ ok, status }: { ok: boolean; status: number }): boolean {
  return ok || (status >= 400 && status < 500 && ![401, 408, 429].includes(status))
}

/** What a final answer did not take, in words; null where it took all. */
export async function lossOf(answer: {
  ok: boolean
  status: number
  json(): Promise<unknown>
}): Promise<string | null> {
  const { refused, title } = (await answer.json().catch(() => ({}))) as {
    refused?: { detail: string }[]
    title?: string
  }
  if (!answer.ok)
    return `Phasegate answered ${answer.status} to tracked events, which are lost: ${title ?? 'no reason given'}`
  const [first] = refused ?? []
  return first === undefined ? null : `Phasegate refused ${refused?.length} of the tracked events: ${first.detail}`
}
