import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { Logger } from 'pino'
import type { Gateway } from '../gateway/gateway.ts'
import { startOwnGateway } from './own-gateway.ts'
import {
  isForPrograms,
  isHalfRestored,
  platformRefusals,
  reachableHost,
  secretBoxOf,
  type Config,
} from './platform/index.ts'

/**
 * What answers until the database was reached: the gateway serves everybody by what it last knew, and the service's port says
 * that the process lives and is not ready. A database that cannot be reached at a start must keep nobody from the current service.
 */
export interface StandIn {
  /** Takes the ports; the data folder must be this process's own by now. */
  open(): Promise<void>
  /** A start that came to nothing. */
  end(): Promise<void>
  /** Said aloud once, and shown at `/ready`. */
  waitsFor(problem: string): void
  /** The service takes over its port, and the gateway. */
  leave(): Promise<Gateway | null>
}

interface StandInParts {
  config: Config
  gatewayFile: { path: string } | null
  gatewayKey: string
  log: Logger
  listenOn: <T>(listen: () => Promise<T>, setting: string, port: number) => Promise<T>
  say: (line: string) => void
}

export function createStandIn({ config, gatewayFile, gatewayKey, log, listenOn, say }: StandInParts): StandIn {
  let gateway: Gateway | null = null
  let problem: string | null = null
  const server = createServer((request, response) => {
    const { status, body } = answerTo(request.url ?? '/', state())
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json',
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': '5' } : {}),
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    })
    response.end(request.method === 'HEAD' ? '' : typeof body === 'string' ? body : JSON.stringify(body))
  })

  function state(): Parts {
    const database = { ok: false, says: problem === null ? 'is starting' : 'can not be reached; it is tried again' }
    const says = gateway?.ready() ? 'decides by what it last knew' : 'sends everybody to the current service'
    return gateway === null ? { database } : { database, gateway: { ok: true, says } }
  }

  return {
    async open() {
      await listenOn(() => listen(server, config), 'PORT', config.port)
      const address = server.address()
      if (address !== null && typeof address === 'object') config.port = address.port
      if (gatewayFile === null || !existsSync(gatewayFile.path) || (await isHalfRestored(config.dataDirectory))) return
      const secrets = await secretBoxOf(config)
      const controlUrl = `http://127.0.0.1:${config.port}`
      const parts = { config, controlUrl, file: gatewayFile, key: gatewayKey, secrets, log }
      gateway = await listenOn(() => startOwnGateway(parts), 'GATEWAY_PORT', config.gatewayPort)
      config.gatewayPort = gateway.port
    },
    waitsFor(found) {
      if (problem === found) return
      log.warn({ problem: found }, 'the database can not be reached; it is tried again until it can')
      if (problem === null)
        say(
          `\nThe database can not be reached: ${found}\n` +
            `Phasegate tries again until it can; http://${reachableHost(config)}:${config.port}/ready tells how it stands. ` +
            (gateway === null
              ? 'Nobody is served until then.'
              : `Meanwhile the gateway serves everybody on port ${config.gatewayPort}, by what it last knew.`),
        )
      problem = found
    },
    async leave() {
      if (problem !== null) say('\nThe database is there.')
      const left = gateway
      gateway = null
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      return left
    },
    async end() {
      await gateway?.close()
    },
  }
}

type Parts = Record<string, { ok: boolean; says: string }>

function answerTo(url: string, parts: Parts): { status: number; body: object | string } {
  const path = url.split('?', 1)[0] ?? '/'
  if (path === '/health') return { status: 200, body: { status: 'alive' } }
  if (path === '/ready') return { status: 503, body: { status: 'not ready', parts } }
  const { title, whatToDo } = platformRefusals['database-away']
  if (!isForPrograms(path)) return { status: 503, body: page }
  return {
    status: 503,
    body: { type: 'urn:phasegate:database-away', title, status: 503, code: 'database-away', detail: whatToDo },
  }
}

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Phasegate is starting</title></head>
<body>
<h1>Phasegate is starting</h1>
<p>It waits for its database. Nothing that you sent was stored: try again in a few seconds.</p>
</body>
</html>
`

function listen(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
