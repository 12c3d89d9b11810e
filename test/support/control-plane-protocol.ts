import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { json, text } from 'node:stream/consumers'
import type { GatewayFeed } from '../../gateway/feed.ts'
import { freePort } from './free-port.ts'

/** What a gateway knows of a control plane: its documented protocol, spoken over real sockets. */
export interface ProtocolServer {
  readonly url: string
  feed: GatewayFeed
  /** Sends `feed`, with a higher version, to every stream. */
  publish(change?: (feed: GatewayFeed) => void): void
  readonly events: Record<string, unknown>[]
  readonly reports: Record<string, unknown>[]
  readonly asked: Record<string, unknown>[]
  /** Large sets by name, and the names that were asked for. */
  readonly sets: Map<string, string>
  readonly setsAsked: string[]
  /** Halts made on the gateway's machine that it told of. */
  readonly halts: Record<string, unknown>[]
  readonly edge: { method: string; url: string; headers: http.IncomingHttpHeaders; body: string }[]
  /** How it answers; tests change these. */
  admits: { admitted: boolean; code: string; afterMs: number }
  eventsStatus: number
  /** Does it say that the halt it is told of was ended already? */
  haltEnded: boolean
  edgeAnswer: { status: number; headers: Record<string, string | string[]>; body: string }
  stop(): Promise<void>
  start(): Promise<void>
}

export const gatewayKey = 'a-gateway-key'

export async function startProtocolServer(feed: GatewayFeed): Promise<ProtocolServer> {
  const streams = new Set<ServerResponse>()
  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  // Stopped and started again, it must find its port free.
  const port = await freePort()
  await listen(port)

  const control: ProtocolServer = {
    url: `http://127.0.0.1:${port}`,
    feed,
    events: [],
    reports: [],
    asked: [],
    sets: new Map(),
    setsAsked: [],
    halts: [],
    edge: [],
    admits: { admitted: true, code: 'admitted', afterMs: 0 },
    eventsStatus: 200,
    haltEnded: false,
    edgeAnswer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>A page of the control plane</h1>' },
    publish(change) {
      const next = structuredClone(control.feed)
      next.snapshot.version++
      change?.(next)
      control.feed = next
      for (const stream of streams) stream.write(`event: feed\ndata: ${JSON.stringify(next)}\n\n`)
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
    start: () => listen(port),
  }

  function listen(at: number): Promise<void> {
    return new Promise((resolve) => server.listen(at, '127.0.0.1', resolve))
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method = '', headers } = request
    if (headers.authorization !== `Bearer ${gatewayKey}`) return void response.writeHead(401).end()
    if (url.split('?')[0] === '/api/v1/gateway/stream') return open(response)
    if (url.startsWith('/api/v1/gateway/sets/')) {
      const set = control.sets.get(url.split('/').at(-1) ?? '')
      control.setsAsked.push(url.split('/').at(-1) ?? '')
      return set === undefined ? void response.writeHead(404).end() : void response.writeHead(200).end(set)
    }
    if (url === '/api/v1/gateway/admissions') {
      control.asked.push((await json(request)) as Record<string, unknown>)
      const { afterMs, ...said } = control.admits
      setTimeout(() => reply(response, 200, said), afterMs).unref()
    } else if (url === '/api/v1/gateway/halts') {
      control.halts.push((await json(request)) as Record<string, unknown>)
      reply(response, 200, { ended: control.haltEnded })
    } else if (url === '/api/v1/gateway/reports') {
      control.reports.push(...((await json(request)) as { reports: Record<string, unknown>[] }).reports)
      reply(response, 200, {})
    } else if (url === '/api/v1/events') {
      const { events } = (await json(request)) as { events: Record<string, unknown>[] }
      if (control.eventsStatus === 200) control.events.push(...events)
      reply(response, control.eventsStatus, { stored: events.length, repeated: 0, refused: [] })
    } else if (url.startsWith('/edge/')) {
      control.edge.push({ method, url, headers, body: await text(request) })
      const { status, headers: given, body } = control.edgeAnswer
      response.writeHead(status, given).end(body)
    } else reply(response, 404, {})
  }

  function open(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: feed\ndata: ${JSON.stringify(control.feed)}\n\n`)
    streams.add(response)
    response.once('close', () => streams.delete(response))
  }

  return control
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
