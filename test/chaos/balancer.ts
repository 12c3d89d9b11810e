import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Stage } from './scenario.ts'

/** A proxy in front of several instances: in turn, those whose `/ready` is green. What fails, it fails; it asks nobody twice. */
export async function aBalancer(stage: Stage, upstreams: readonly string[]): Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const ready = new Set(upstreams)
  let turn = 0
  let isOver = false
  void (async () => {
    while (!isOver) {
      for (const url of upstreams) {
        const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => null)
        await answer?.body?.cancel()
        if (answer?.status === 200) ready.add(url)
        else ready.delete(url)
      }
      await pause(100)
    }
  })()
  const server = createServer((asked, answer) => {
    const up = [...ready]
    const url = up[turn++ % Math.max(1, up.length)]
    if (url === undefined) return void answer.writeHead(503).end()
    const passed = request(new URL(asked.url ?? '/', url), { agent, method: asked.method, headers: asked.headers })
    passed.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()))
    passed.on('response', (said) => {
      answer.writeHead(said.statusCode ?? 502, said.headers)
      said.pipe(answer)
    })
    asked.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage.onEnd(() => {
    isOver = true
    agent.destroy()
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
