import { setTimeout as pause } from 'node:timers/promises'
import {
  createStreamGate,
  isDatabaseAway,
  isKeyInForce,
  openStream,
  Refusal,
  type Actor,
  type App,
  type Context,
  type EventStream,
} from '../platform/index.ts'
import { cors, preflight } from './ofrep-headers.ts'
import type { Snapshots } from './snapshots.ts'
import { readToken, writeToken, type Listening } from './stream-token.ts'

/** One sender may be a proxy in front of many that nobody said to trust. */
const streamLimits = { perSecond: 80, burst: 40, most: 5_000, mostOfOneSender: 2_500 }
const mostAddresses = 1_000
/** How long a stream waits to hear of its key. */
const keyWaitMs = 250

export interface ChangeStreams {
  /** ADM-72: where whoever asks hears of changes to what is decided now. */
  addressFor(actor: Actor): string
}

/**
 * Tells clients to ask again; says nothing of anybody. The gate stands in place of the limit of requests: a thousand people
 * behind one address, whose streams a restart cut, are no flood.
 */
export function ofrepStreams(
  app: App,
  snapshots: Snapshots,
  { secrets, live }: Pick<Context, 'secrets' | 'live'>,
): ChangeStreams {
  const gate = createStreamGate(streamLimits)
  /** By the service that they hear of; null for those who hear of all. */
  const open = new Map<string | null, Set<EventStream>>()
  const tell = (stream: EventStream, service: string | null): void =>
    stream.send('message', { type: 'refetchEvaluation' }, snapshots.stateOf(service))
  snapshots.onChange((services) => {
    for (const service of [null, ...services]) for (const stream of open.get(service) ?? []) tell(stream, service)
  })

  let newsOfRights = 0
  live.onRights(() => newsOfRights++)
  const refuseRevoked = async (ctx: Context, key: string): Promise<void> => {
    let known: number
    do {
      known = newsOfRights
      if (await isRevoked(ctx, key)) throw new Refusal('stream-not-known')
      // What was revoked while the database answered had no stream yet that could have been closed.
    } while (known !== newsOfRights)
  }

  // A browser asks first where its client sends a key or the last id in a header.
  app.options('/ofrep/v1/events', { schema: { hide: true } }, (_request, reply) =>
    preflight(reply, 'GET').code(204).send(),
  )
  app.get('/ofrep/v1/events', { schema: { hide: true }, config: { rateLimit: false } }, async (request, reply) => {
    const { context: ctx, headers, query } = request
    const { token, since } = query as { token?: unknown; since?: unknown }
    cors(reply)
    const listening = token === undefined ? withoutToken(ctx.actor, since) : readTokenIn(token)
    const { service, key, endsAt } = listening
    if (endsAt !== null && endsAt <= ctx.clock.now()) throw new Refusal('stream-not-known')
    if (!(await gate.enter(request, reply))) return reply
    if (key !== null) await refuseRevoked(ctx, key)
    const stream = openStream(reply, key === null ? undefined : { of: { kind: 'key', id: key }, endsAt })
    const streams = open.get(service) ?? new Set()
    open.set(service, streams.add(stream))
    stream.onClose(() => {
      streams.delete(stream)
      if (streams.size === 0 && open.get(service) === streams) open.delete(service)
    })
    // What changed while it was away, or while it waited to be let in.
    const heard = headers['last-event-id'] ?? listening.state
    if (heard !== null && heard !== snapshots.stateOf(service)) tell(stream, service)
    return reply
  })

  function readTokenIn(token: unknown): Listening {
    const listening = typeof token === 'string' ? readToken(secrets, token) : null
    // As a key that is none (ADM-71): nobody is to hear as a stranger unawares.
    if (listening === null) throw new Refusal('stream-not-known')
    return listening
  }

  const addresses = new Map<string, { state: string; version: number; address: string }>()
  return {
    addressFor(actor) {
      const hearer = hearerOf(actor)
      const bySecret = `${hearer.key} ${hearer.endsAt?.getTime()}`
      const state = snapshots.stateOf(hearer.service)
      const { version } = snapshots.compiled()
      const known = addresses.get(bySecret)
      if (known?.state === state && known.version === version) return known.address
      if (addresses.size >= mostAddresses) addresses.clear()
      // An instance of the release before knows `since` alone (MIG-2).
      const address = `/ofrep/v1/events?token=${writeToken(secrets, { ...hearer, state })}&since=${version}`
      addresses.set(bySecret, { state, version, address })
      return address
    },
  }
}

/** Whoever holds a key of a service is answered about that service (ADM-71), and hears of it alone. */
function hearerOf(actor: Actor): Omit<Listening, 'state'> {
  return actor.kind === 'key' && actor.service !== null
    ? { service: actor.service, key: actor.keyId, endsAt: actor.endsAt }
    : { service: null, key: null, endsAt: null }
}

/** `since` is of an answer by the release before; what held then is not known here, and so told of. */
function withoutToken(actor: Actor, since: unknown): Omit<Listening, 'state'> & { state: string | null } {
  return { ...hearerOf(actor), state: typeof since === 'string' ? since : null }
}

/** P4: a stream needs no database. A key that nobody can be asked about stands as it did. */
async function isRevoked({ db, clock }: Context, key: string): Promise<boolean> {
  const asked = isKeyInForce(db, key, clock.now()).then(
    (inForce) => !inForce,
    (error: unknown) => {
      if (isDatabaseAway(error)) return false
      throw error
    },
  )
  return Promise.race([asked, pause(keyWaitMs, false, { ref: false })])
}
