import { Refusal, type Context } from '../platform/index.ts'
import { checkEvent, eventRefusals, type KnownService, type RefusedEvent } from './event.ts'
import type { Intake } from './intake.ts'
import type { KnownServices } from './known-services.ts'
import type { MeasuredEvent } from './measures.ts'

export const mostEvents = 1_000

export interface TakenIn {
  stored: number
  repeated: number
  refused: RefusedEvent[]
}

/** Checks each event on its own, stores the good ones, and says which were refused and why. */
export async function takeIn(
  ctx: Context,
  parts: { intake: Intake; services: KnownServices },
  raw: unknown[],
  origin: string | null,
): Promise<TakenIn> {
  if (raw.length > mostEvents) throw new Refusal('too-many-events', { most: mostEvents })
  const { actor } = ctx
  if (actor.kind !== 'key') throw new Refusal('not-allowed')
  const known = await parts.services.find(keysIn(raw))
  const reach = (service: KnownService) =>
    (actor.service === null || actor.service === service.id) &&
    (actor.keyKind !== 'client' || (origin !== null && (actor.origins ?? service.origins).includes(origin)))
  const find = (key: string) => {
    const service = known.get(key)
    return service !== undefined && reach(service) ? service : null
  }
  const events: MeasuredEvent[] = []
  const refused: RefusedEvent[] = []
  const now = ctx.clock.now()
  for (const [index, one] of raw.entries()) {
    const checked = checkEvent(one, find, now)
    if (checked.ok) events.push(checked.event)
    else refused.push({ index, id: idIn(one), code: checked.code, detail: detailOf(checked.code, checked.field) })
  }
  return { ...(await parts.intake.add(events)), refused }
}

/** Named fields only: what was sent is not repeated. */
function detailOf(code: keyof typeof eventRefusals, field: string | null): string {
  return field === null ? `${eventRefusals[code]}.` : `${field}: ${eventRefusals[code]}.`
}

function keysIn(raw: unknown[]): Set<string> {
  const keys = new Set<string>()
  for (const one of raw) {
    const key = (one as { service?: unknown } | null)?.service
    if (typeof key === 'string' && key.length <= 100) keys.add(key)
  }
  // More services than a request can sensibly be about would be that many questions to the database.
  return keys.size > 50 ? new Set([...keys].slice(0, 50)) : keys
}

/** The caller's own id, so that it can find the event; only where it is a plain one. */
function idIn(raw: unknown): string | null {
  const id = (raw as { id?: unknown } | null)?.id
  return typeof id === 'string' && /^[\w.:-]{1,100}$/.test(id) ? id : null
}
