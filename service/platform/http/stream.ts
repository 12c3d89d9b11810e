import type { FastifyReply } from 'fastify'
import type { Actor } from '../context.ts'
import type { RightsOf } from '../live.ts'
import type { App } from './app-type.ts'

export interface EventStream {
  /** With an id, a client that comes back says which one it heard last. */
  send(event: string, data: unknown, id?: string): void
  close(): void
  onClose(listener: () => void): void
}

/** What a stream rests on; it goes with those rights, and with the end of the key by which it was opened. */
export interface Footing {
  of: RightsOf | null
  endsAt: Date | null
}

type Streams = Map<EventStream, Footing>
const openOn = new WeakMap<object, Streams>()

function openOf(server: object): Streams {
  const known = openOn.get(server) ?? new Map<EventStream, Footing>()
  openOn.set(server, known)
  return known
}

// A person's stream comes in by the door again now and then: it outlives no session, also where news got lost (ACC-3).
const longestMs = 10 * 60_000
const beatMs = 15_000
/** Whoever takes nothing for so long is gone, or so slow that what waits for it would fill the memory. */
const deafMs = 30_000
const longestReconnectMs = 120_000
const reconnectsPerSecond = 80

/** Server-sent events on this reply; the connection is ours from here on. It closes with what it rests on. */
export function openStream(
  reply: FastifyReply,
  footing: Footing = footingOf(reply.request.context.actor),
): EventStream {
  reply.hijack()
  const { raw } = reply
  const open = openOf(reply.server.server)
  const headers = { ...(reply.getHeaders() as Record<string, string>) }
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  // There is nothing to listen to.
  if (reply.request.method === 'HEAD') raw.end()
  let heardAt = performance.now()
  raw.on('drain', () => (heardAt = performance.now()))
  const write = (text: string): void => {
    // News can come between our end of the stream and its last byte.
    if (raw.writableEnded) return
    if (raw.writableLength === 0) heardAt = performance.now()
    else if (performance.now() - heardAt > deafMs) return void raw.destroy()
    raw.write(text)
  }
  write(`retry: ${reconnectMs(open.size)}\n\n`)
  const beat = setInterval(() => write(`retry: ${reconnectMs(open.size)}\nevent: ping\ndata: {}\n\n`), beatMs).unref()
  const stream: EventStream = {
    send: (event, data, id) =>
      write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    close: () => void raw.end(),
    onClose: (listener) => void raw.on('close', listener),
  }
  const { actor } = reply.request.context
  open.set(stream, footing)
  const end = actor.kind === 'account' ? setTimeout(stream.close, longestMs).unref() : undefined
  raw.on('close', () => {
    clearInterval(beat)
    clearTimeout(end)
    open.delete(stream)
  })
  return stream
}

/** When to come back after a cut: at another moment for each, over a time that grows with how many there are. */
function reconnectMs(streams: number): number {
  const spreadMs = Math.min(longestReconnectMs, (streams / reconnectsPerSecond) * 1000)
  return Math.round(500 + Math.random() * (500 + spreadMs))
}

/** Streams never end by themselves: a server that closes ends them. */
export function closeStreams(app: App): void {
  for (const stream of openOf(app.server).keys()) stream.close()
}

function footingOf(actor: Actor): Footing {
  if (actor.kind === 'account') return { of: { kind: 'account', id: actor.accountId }, endsAt: null }
  if (actor.kind === 'key') return { of: { kind: 'key', id: actor.keyId }, endsAt: actor.endsAt }
  return { of: null, endsAt: null }
}

/** ACC-3: whoever still may comes in again by the door, a second later. */
export function closeStreamsOf(app: App, { kind, id }: RightsOf): void {
  for (const [stream, { of }] of openOf(app.server)) if (of?.kind === kind && of.id === id) stream.close()
}

/** ACC-14: nobody tells of a key that ends on its day. */
export function closeStreamsEndedBy(app: App, now: Date): void {
  for (const [stream, { endsAt }] of openOf(app.server)) if (endsAt !== null && endsAt <= now) stream.close()
}
