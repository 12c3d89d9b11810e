import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import type { Arm } from '../packages/admission/src/index.ts'
import { answerHeaders } from './answer-headers.ts'
import type { Incoming } from './incoming.ts'
import { originHeaders } from './origin-headers.ts'
import type { Upstream } from './upstream.ts'
import type { Visit } from './visit.ts'

const connectLimitMs = 5000
const answerLimitMs = 60_000

/** GW-6: an upgrade to HTTP/2 in the clear would take the connection out of the gateway's hands. */
export function isUpgradeTaken({ method, headers, httpVersionMinor }: IncomingMessage): boolean {
  const wanted = headers.upgrade ?? ''
  // A body in front of what is no longer HTTP would be read in two ways: with one, this is a request like any other.
  if (method !== 'GET' || httpVersionMinor === 0 || hasBody(headers)) return false
  return /^[\w.+/-]+$/.test(wanted) && !/\b(h2c?|http\/2(\.0)?|tls(\/[\d.]+)?)\b/i.test(wanted)
}

function hasBody(headers: http.IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** GW-18: a WebSocket, or another upgrade, to the arm of its person. */
export function forwardUpgrade(incoming: Incoming, visit: Visit, socket: Duplex, head: Buffer, firstArm: Arm): void {
  const { site } = visit
  const arm: Arm = firstArm === 'new' && !site.new.up ? 'current' : firstArm
  const upstream = arm === 'new' ? site.new : site.current
  if (upstream === null) return refuseUpgrade(socket, 503, 'Service Unavailable')
  const outgoing = send(incoming, visit, upstream, arm)
  let isConnected = false
  socket.on('error', () => outgoing.destroy())
  const closeOutgoing = (): void => void outgoing.destroy()
  socket.once('close', closeOutgoing)

  outgoing.on('socket', (upstreamSocket) => {
    upstreamSocket.setTimeout(connectLimitMs, () => upstreamSocket.destroy(new Error('The answer took too long')))
    upstreamSocket.once(upstream.scheme === 'https' ? 'secureConnect' : 'connect', () => {
      isConnected = true
      upstreamSocket.setTimeout(answerLimitMs)
    })
  })
  outgoing.on('error', () => {
    if (socket.destroyed) return
    if (!isConnected) {
      upstream.refused()
      if (arm === 'new') {
        socket.off('close', closeOutgoing)
        return forwardUpgrade(incoming, visit, socket, head, 'current')
      }
    }
    refuseUpgrade(socket, 502, 'Bad Gateway')
  })
  outgoing.on('response', (answer) => {
    socket.write(headOf(answer, incoming, upstream, visit, false))
    answer.pipe(socket)
  })
  outgoing.on('upgrade', (answer, upstreamSocket, upstreamHead) => {
    upstreamSocket.setTimeout(0)
    socket.write(headOf(answer, incoming, upstream, visit, true))
    if (upstreamHead.length > 0) socket.write(upstreamHead)
    if (head.length > 0) upstreamSocket.write(head)
    join(socket, upstreamSocket, arm === 'new' ? site.openToNew : null)
  })
  outgoing.end()
}

function send(incoming: Incoming, visit: Visit, upstream: Upstream, arm: Arm): http.ClientRequest {
  const headers = originHeaders(incoming, visit, upstream, arm)
  headers.push('connection', 'Upgrade', 'upgrade', incoming.request.headers.upgrade ?? 'websocket')
  const { request } = upstream.scheme === 'https' ? https : http
  return request(upstream.origin, {
    method: incoming.method,
    path: incoming.target.url,
    headers,
    setHost: false,
    agent: false,
    ...(upstream.scheme === 'https' ? { servername: upstream.hostname } : {}),
  } as http.RequestOptions)
}

function headOf(
  answer: IncomingMessage,
  incoming: Incoming,
  upstream: Upstream,
  visit: Visit,
  upgraded: boolean,
): string {
  const { headers } = answerHeaders(answer.rawHeaders, incoming, upstream, {
    status: answer.statusCode ?? 502,
    arm: upstream === visit.site.new ? 'new' : 'current',
    setCookies: visit.setCookies,
    caching: 'page',
  })
  if (upgraded) headers.push('Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? 'websocket')
  else headers.push('Connection', 'close')
  let head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`
  return `${head}\r\n`
}

function join(client: Duplex, upstream: Duplex, openToNew: Set<{ destroy(): void }> | null): void {
  const pair = {
    destroy(): void {
      client.destroy()
      upstream.destroy()
    },
  }
  const end = (): void => {
    openToNew?.delete(pair)
    pair.destroy()
  }
  openToNew?.add(pair)
  for (const each of [client, upstream]) {
    each.on('error', end)
    each.once('close', end)
    each.setMaxListeners(20)
  }
  client.pipe(upstream)
  upstream.pipe(client)
}

export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  if (socket.destroyed) return
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
