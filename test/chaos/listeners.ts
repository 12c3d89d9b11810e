import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Stage } from './scenario.ts'

/** Clients of OpenFeature, each with a stream that says when to ask again. */
export interface Listeners {
  /** When each was told last, by `performance.now()`; 0 for not yet. */
  readonly toldAt: Float64Array
  /** When each was let in last. */
  readonly openedAt: Float64Array
  open(): number
  close(): void
}

export interface ListenerOptions {
  count: number
  /** They come back after a cut, as the server says by `retry:`. */
  comesBack?: boolean
  /** Without it they take no notice of what the server says and come back at once. */
  heeds?: boolean
}

export async function openListeners(stage: Stage, url: string, options: ListenerOptions): Promise<Listeners> {
  const { count, comesBack = false, heeds = true } = options
  const toldAt = new Float64Array(count)
  const openedAt = new Float64Array(count)
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
  let open = 0
  let closed = false
  stage.onEnd(close)
  for (let index = 0; index < count; index++) follow(index, 0)
  const until = performance.now() + 60_000
  while (open < count) {
    if (performance.now() > until) throw new Error(`Only ${open} of ${count} streams were opened in a minute`)
    await pause(50)
  }

  function follow(index: number, afterMs: number): void {
    let retryMs = 1_000
    let isOpen = false
    const again = () => {
      if (isOpen) open--
      isOpen = false
      if (comesBack && !closed) follow(index, heeds ? retryMs : 50)
    }
    setTimeout(() => {
      if (closed) return
      const asked = request(new URL('/ofrep/v1/events', url), { agent, headers: { accept: 'text/event-stream' } })
      asked.on('error', again)
      asked.on('response', (answer) => {
        answer.on('error', () => {})
        if (answer.statusCode !== 200) {
          retryMs = Number(answer.headers['retry-after'] ?? 1) * 1000
          answer.resume()
          return answer.on('end', again)
        }
        isOpen = true
        open++
        openedAt[index] = performance.now()
        answer.setEncoding('utf8').on('data', (text: string) => {
          retryMs = Number(/retry: (\d+)/.exec(text)?.[1] ?? retryMs)
          if (text.includes('refetchEvaluation')) toldAt[index] = performance.now()
        })
        answer.on('close', again)
      })
      asked.end()
    }, afterMs)
  }

  function close(): void {
    closed = true
    agent.destroy()
  }
  return { toldAt, openedAt, open: () => open, close }
}
