import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { WebSocketServer } from 'ws'
import { freePort } from './free-port.ts'

/**
 * An application as many are: it knows one base URL, refuses a POST whose Origin is another one, redirects to absolute
 * addresses and sets cookies with a Domain. It tells what reached it.
 */
export interface ContractApplication {
  readonly name: string
  readonly url: string
  readonly port: number
  /** Method and target of everything that reached it, without the gateway's own checks. */
  readonly seen: string[]
  /** Refuses connections until it is started again, on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
}

export interface ContractApplicationOptions {
  name: string
  /** Its base URL where it was told one; else the address that it listens at. */
  base?: string
  /** It believes X-Forwarded-Host and X-Forwarded-Proto, as Rails does. */
  trustsProxy?: boolean
}

export async function startContractApplication(options: ContractApplicationOptions): Promise<ContractApplication> {
  const { name } = options
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server = http.createServer((request, response) => {
    if (request.headers['user-agent'] !== 'phasegate-check') seen.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const webSockets = new WebSocketServer({ server, path: '/socket' })
  webSockets.on('connection', (socket, request) => {
    socket.send(`hello from ${name} to ${request.headers['x-pg-arm']} ${request.headers['x-pg-unit'] ?? 'nobody'}`)
    socket.on('message', (message) => socket.send(`${name}: ${String(message)}`))
  })
  // Stopped and started again, it must find its port free.
  const port = await freePort()
  await listen(port)
  const own = `http://127.0.0.1:${port}`

  function listen(at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  }

  function baseOf({ headers }: IncomingMessage): string {
    if (options.base !== undefined) return options.base
    if (options.trustsProxy !== true) return own
    return `${String(headers['x-forwarded-proto'] ?? 'http')}://${String(headers['x-forwarded-host'] ?? headers.host)}`
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const base = baseOf(request)
    const { pathname, searchParams } = new URL(request.url ?? '/', own)
    response.setHeader('X-Served-By', name)
    if (pathname === '/login') {
      response.setHeader('Set-Cookie', [
        `session=of-${name}; Domain=${new URL(base).hostname}; Path=/; HttpOnly`,
        'theme=dark; Path=/',
        'pg_parking=forged; Path=/',
      ])
      response.writeHead(302, { Location: `${base}/home?from=login` }).end()
    } else if (pathname === '/form' && request.method === 'POST') {
      if (request.headers.origin !== base) response.writeHead(403).end(`Origin is not ${base}`)
      else request.resume().on('end', () => response.writeHead(303, { Location: `${base}/done` }).end())
    } else if (pathname === '/upload') {
      digest(request, response)
    } else if (pathname === '/echo') {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ name, method: request.method, url: request.url, headers: request.rawHeaders }))
    } else if (pathname === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write(`data: from ${name}\n\n`)
    } else if (pathname === '/cut') {
      request.resume().on('end', () => request.socket.destroy())
    } else if (pathname === '/half') {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('half')
      setTimeout(() => request.socket.destroy(), 20)
    } else if (pathname.startsWith('/status/')) {
      response.writeHead(Number(pathname.slice(8))).end(name)
    } else if (pathname.startsWith('/assets/')) {
      response.setHeader('Cache-Control', 'public, max-age=60')
      const isPage = pathname.endsWith('.html')
      response.setHeader('Content-Type', isPage ? 'text/html' : 'text/javascript')
      response.end(isPage ? `<p>${name}</p>` : `// ${name}`)
    } else page(searchParams, request, response)
  }

  function page(wanted: URLSearchParams, { method, headers }: IncomingMessage, response: ServerResponse): void {
    const policy = wanted.get('policy')
    if (policy !== null) response.setHeader('Content-Security-Policy', policy)
    response.setHeader('Content-Type', wanted.get('type') ?? 'text/html; charset=utf-8')
    const cache = wanted.get('cache')
    if (cache !== null) response.setHeader('Cache-Control', cache)
    const accel = wanted.get('accel')
    if (accel !== null) response.setHeader('X-Accel-Expires', accel)
    if (wanted.has('vary')) response.setHeader('Vary', 'Accept-Language')
    if (wanted.has('etag')) {
      response.setHeader('ETag', '"one"')
      if (headers['if-none-match'] === '"one"') return void response.writeHead(304).end()
    }
    const html =
      wanted.get('html') ??
      `<!doctype html><html><head><title>${name}</title></head><body class="app"><h1>${name}: ümläut</h1></body></html>`
    const encoding = wanted.get('encoding')
    const bytes = encoded(Buffer.from(html), encoding)
    if (encoding !== null) response.setHeader('Content-Encoding', encoding)
    if (!wanted.has('chunked')) return void response.setHeader('Content-Length', bytes.length).end(bytes)
    // Byte by byte, so that no tag arrives whole.
    for (const byte of method === 'HEAD' ? [] : bytes) response.write(Buffer.of(byte))
    response.end()
  }

  return {
    name,
    url: own,
    port,
    seen,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    start: () => listen(port),
  }
}

function encoded(bytes: Buffer, encoding: string | null): Buffer {
  if (encoding === 'gzip') return gzipSync(bytes)
  if (encoding === 'br') return brotliCompressSync(bytes)
  return encoding === 'deflate' ? deflateSync(bytes) : bytes
}

function digest(request: IncomingMessage, response: ServerResponse): void {
  const sum = createHash('sha256')
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    sum.update(chunk)
    bytes += chunk.length
  })
  request.on('end', () => response.end(JSON.stringify({ bytes, sha256: sum.digest('hex') })))
}
