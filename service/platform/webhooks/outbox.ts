import type { AuditEntry } from '../audit/index.ts'
import type { Context, Platform, Queryable, Tx } from '../context.ts'
import { chatLink, chatText } from './chat.ts'
import { createDelivery } from './delivery.ts'
import { insertMessages, listeningTo, type NewMessage } from './store.ts'
import type { WebhookEvent } from './webhooks.ts'

/** What other systems are told: written with the change that it tells of, sent after the commit (HOOK-1). */
export interface Webhooks {
  events: readonly WebhookEvent[]
  /** In the transaction of the change; says how many messages wait now. */
  queue(
    tx: Tx,
    by: Pick<Context, 'actor' | 'clock' | 'config'>,
    serviceId: string | null,
    told: readonly AuditEntry[],
  ): Promise<number>
  /** A transaction may have left messages: look now rather than at the next turn. */
  wake(): void
  /** Sends what is due, and comes back when nothing more is. */
  deliverDue(): Promise<void>
  stop(): Promise<void>
}

export interface WebhookParts {
  events: readonly WebhookEvent[]
  /** The platform knows only that a service has an id. */
  serviceOf(db: Queryable, id: string): Promise<{ key: string; name: string } | null>
}

export function createWebhooks(platform: Omit<Platform, 'webhooks'>, parts: WebhookParts): Webhooks {
  const known = new Map(parts.events.map((event) => [event.type, event]))
  const delivery = createDelivery({ ...platform, ...parts })
  return {
    events: parts.events,
    ...delivery,
    async queue(tx, by, serviceId, told) {
      const wanted = told.flatMap((entry) => {
        const event = known.get(entry.action)
        return event === undefined ? [] : [{ entry, event, of: entry.service ?? serviceId }]
      })
      const messages: NewMessage[] = []
      // A transaction may tell of hundreds while others wait for its locks: who listens is asked once for each service.
      for (const [of, entries] of Map.groupBy(wanted, (each) => each.of)) {
        const listening = await listeningTo(tx, of, [...new Set(entries.map(({ event }) => event.type))])
        if (listening.length === 0) continue
        const service = of === null ? null : await parts.serviceOf(tx, of)
        for (const { entry, event } of entries) {
          for (const { id, kind } of listening.filter(({ events }) => events.includes(event.type))) {
            const payload =
              kind === 'chat' ? chatPayload(by, service, event, entry) : payloadOf(by, service, event, entry)
            messages.push({ webhookId: id, type: event.type, payload, at: by.clock.now(), subject: entry.subject })
          }
        }
      }
      await insertMessages(tx, messages)
      return messages.length
    },
  }
}

type Named = { key: string; name: string } | null
type By = Pick<Context, 'actor' | 'clock' | 'config'>

/** HOOK-3: ids and the words of the catalogue; neither names nor addresses nor what anybody wrote. */
function payloadOf({ actor, clock, config }: By, service: Named, event: WebhookEvent, entry: AuditEntry): string {
  const id = actor.kind === 'account' ? actor.accountId : actor.kind === 'key' ? actor.keyId : null
  return JSON.stringify({
    type: event.type,
    timestamp: clock.now().toISOString(),
    data: {
      service: service?.key ?? null,
      subject: entry.subject ?? null,
      by: { kind: actor.kind, id },
      url: pageOf(config, service),
      ...event.data?.(entry),
    },
  })
}

function chatPayload({ config }: By, service: Named, event: WebhookEvent, entry: AuditEntry): string {
  const said = entry.aloud ?? (event.isPlain === true ? entry.summary : event.says)
  const url = pageOf(config, service)
  const where = url === null ? '' : ` ${chatLink(url, 'Open it')}`
  const stop = /[.!?…]$/.test(said.trimEnd()) ? '' : '.'
  return JSON.stringify({ text: `${chatText(`${service?.name ?? 'Phasegate'}: ${said}`)}${stop}${where}` })
}

/** Where to read more: an address that people can reach is known only once it is set. */
function pageOf({ publicUrl }: Context['config'], service: Named): string | null {
  if (publicUrl === null) return null
  return service === null ? publicUrl : `${publicUrl}/services/${service.key}/history`
}
