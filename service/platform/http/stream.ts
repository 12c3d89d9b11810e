import type { FastifyReply } from 'fastify'

export interface EventStream {
  send(event: string, data: unknown): void
  close(): void
  onClose(listener: () => void): void
}

const open = new Set<EventStream>()

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
  const beat = setInterval(() => raw.write('event: ping\ndata: {}\n\n'), 15_000).unref()
  const stream: EventStream = {
    send: (event, data) => void raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    close: () => void raw.end(),
    onClose: (listener) => void raw.on('close', listener),
  }
  open.add(stream)
  raw.on('close', () => {
    clearInterval(beat)
    open.delete(stream)
  })
  return stream
}

/** Streams never end by themselves: a server that closes ends them. */
export function closeStreams(): void {
  for (const stream of open) stream.close()
}
