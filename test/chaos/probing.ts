import { setTimeout as pause } from 'node:timers/promises'
import type { Installation } from './scenario.ts'

export interface Probing {
  /** The longest that an answer took, or that was waited for one. */
  longestMs: number
  /** Answers that were something else than what was expected; no answer is one. */
  wrong: number
  /** How long each answer took, in order. */
  tookMs: number[]
  stop(): Promise<void>
}

interface Probe {
  method: 'GET' | 'POST'
  path: string
  body?: object
  expects: readonly number[]
  everyMs?: number
}

const limitMs = 20_000

/** A database is needed for this. */
export const page: Probe = { method: 'GET', path: '/api/v1/services', expects: [200, 503] }
export const health: Probe = { method: 'GET', path: '/health', expects: [200] }
export const decision: Probe = {
  ...{ method: 'POST', path: '/ofrep/v1/evaluate/flags/permit', expects: [200] },
  body: { context: { targetingKey: 'somebody' } },
}

/** Asks the same again and again, and remembers how it went. */
export function probe(installation: Installation, { method, path, body, expects, everyMs = 100 }: Probe): Probing {
  let stopped = false
  const probing: Probing = {
    longestMs: 0,
    wrong: 0,
    tookMs: [],
    async stop() {
      stopped = true
      await running
    },
  }
  async function ask(): Promise<void> {
    const began = performance.now()
    const status = await fetch(`${installation.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${installation.adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(limitMs),
    }).then(
      async (answer) => {
        await answer.body?.cancel()
        return answer.status
      },
      () => 0,
    )
    const took = performance.now() - began
    probing.tookMs.push(took)
    probing.longestMs = Math.max(probing.longestMs, took)
    if (!expects.includes(status)) probing.wrong += 1
  }
  const running = (async () => {
    while (!stopped) {
      await ask()
      await pause(everyMs)
    }
  })()
  return probing
}
