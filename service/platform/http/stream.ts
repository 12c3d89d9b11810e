import type { FastifyReply } from 'fastify'
import type { Actor } from '../context.ts'
import type { RightsOf } from '../live.ts'
import type { App } from './app-type.ts'

export interface EventStream {
  send(event: string, data: unknown): void
  close(): void
  onClose(listener: () => void): void
}

type Streams = Map<EventStream, RightsOf | null>
const openOn = new WeakMap<object, Streams>()

function openOf(server: object): Streams {
  const known = openOn.get(server) ?? new Map<EventStream, RightsOf | null>()
  openOn.set(server, known)
  return known
}

// A person's stream comes in by the door again now and then: it outlives no session, also where news got lost (ACC-3).
const longestMs = 10 * 60_000

/** Server-sent events on this reply; the connection is ours from here on. */
export function openStream(reply: FastifyReply): EventStream {
  reply.hijack()
  const { raw } = reply
  const headers = { ...(reply.getHeaders() as Record<string, string>) }
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write('retry: 1000\n\n')
  const write = (text: string): void => {
    // News can come between our end of the stream and its last byte.
    if (!raw.writableEnded) raw.write(text)
  }
  const beat = setInterval(() => write('event: ping\ndata: {}\n\n'), 15_000).unref()
  const stream: EventStream = {
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    close: () => void raw.end(),
    onClose: (listener) => void raw.on('close', listener),
  }
  const { actor } = reply.request.context
  const open = openOf(reply.server.server)
  open.set(stream, rightsOf(actor))
  const end = actor.kind === 'account' ? setTimeout(stream.close, longestMs).unref() : undefined
  raw.on('close', () => {
    clearInterval(beat)
    clearTimeout(end)
    open.delete(stream)
  })
  return stream
}

/** Streams never end by themselves: a server that closes ends them. */
export function closeStreams(app: App): void {
  for (const stream of openOf(app.server).keys()) stream.close()
}

function rightsOf(actor: Actor): RightsOf | null {
  if (actor.kind === 'account') return { kind: 'account', id: actor.accountId }
  return actor.kind === 'key' ? { kind: 'key', id: actor.keyId } : null
}

/** ACC-3: whoever still may comes in again by the door, a second later. */
export function closeStreamsOf(app: App, { kind, id }: RightsOf): void {
  for (const [stream, of] of openOf(app.server)) if (of?.kind === kind && of.id === id) stream.close()
}
