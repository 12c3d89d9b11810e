import { Agent, request } from 'undici'
import { z } from 'zod'
import type { AskedRung, Attributes } from '../packages/admission/src/index.ts'
import type { Log } from './log.ts'

export interface ControlPlane {
  readonly url: string
  /** GW-12: may this unit be let in under the cap? False also when no answer came within 300 ms. */
  admit(newcomer: Newcomer): Promise<Admission>
  /** Posts JSON; a text is JSON already. */
  send(path: string, body: object | string): Promise<{ status: number; body: unknown }>
  forward(path: string, options: ForwardOptions): Promise<ForwardAnswer | null>
  close(): Promise<void>
}

export interface Newcomer {
  service: string
  unit: string
  rung: AskedRung
  /** For a rule: by which the control plane judges it again. */
  attributes?: Attributes
}

export type Admission = 'admitted' | 'cap-reached' | 'not-open' | 'no-answer'

export interface ForwardOptions {
  method: string
  headers: Record<string, string>
  body: Buffer | null
}

export interface ForwardAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: AsyncIterable<Buffer> & { dump(): Promise<void> }
}

const askLimitMs = 300
const breakerFailures = 3
const breakerPauseMs = 2000
const fullPauseMs = 1000

const admission = z.object({
  admitted: z.boolean(),
  code: z.enum(['admitted', 'already-in', 'cap-reached', 'not-open']),
})

export function openControlPlane(urls: string[], key: string, log: Log): ControlPlane {
  const agent = new Agent({ connect: { timeout: 2000 }, connections: 128, allowH2: false })
  const authorization = `Bearer ${key}`
  let at = 0
  let failures = 0
  let openAgainAt = 0
  const fullUntil = new Map<string, number>()
  const asking = new Map<string, Promise<Admission>>()

  function base(): string {
    return urls[at % urls.length] ?? ''
  }

  /** Goes on to the next instance where the one before never got what was asked. */
  async function ofAny<T>(ask: (base: string) => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await ask(base())
      } catch (error) {
        at++
        if (tried >= urls.length || !neverArrived(error)) throw error
      }
    }
  }

  async function ask(newcomer: Newcomer): Promise<Admission> {
    const { service } = newcomer
    const now = performance.now()
    if (now < openAgainAt) return 'no-answer'
    if (now < (fullUntil.get(service) ?? 0)) return 'cap-reached'
    try {
      const signal = AbortSignal.timeout(askLimitMs)
      const answer = await ofAny((url) =>
        request(`${url}/api/v1/gateway/admissions`, {
          dispatcher: agent,
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify(newcomer),
          signal,
        }),
      )
      const said = admission.safeParse(await answer.body.json())
      if (answer.statusCode >= 500 || !said.success) {
        at++
        throw new Error(`The control plane answered ${answer.statusCode}`)
      }
      failures = 0
      if (said.data.admitted) return 'admitted'
      if (said.data.code === 'cap-reached') fullUntil.set(service, performance.now() + fullPauseMs)
      return said.data.code === 'cap-reached' ? 'cap-reached' : 'not-open'
    } catch (error) {
      if (++failures >= breakerFailures) {
        failures = 0
        openAgainAt = performance.now() + breakerPauseMs
        log.warn({ err: error }, 'The control plane does not say who may come in; nobody new is let in for two seconds')
      }
      return 'no-answer'
    }
  }

  return {
    get url() {
      return base()
    },
    admit(newcomer) {
      const name = `${newcomer.service} ${newcomer.unit} ${newcomer.rung}`
      const running = asking.get(name)
      if (running !== undefined) return running
      const answer = ask(newcomer).finally(() => asking.delete(name))
      asking.set(name, answer)
      return answer
    },
    async send(path, body) {
      const answer = await ofAny((url) =>
        request(`${url}${path}`, {
          dispatcher: agent,
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
          signal: AbortSignal.timeout(10_000),
        }),
      )
      return { status: answer.statusCode, body: parsed(await answer.body.text()) }
    },
    async forward(path, { method, headers, body }) {
      try {
        const answer = await ofAny((url) =>
          request(`${url}${path}`, {
            dispatcher: agent,
            method: method as 'GET',
            headers: { ...headers, authorization },
            body,
            headersTimeout: 10_000,
            bodyTimeout: 30_000,
          }),
        )
        return { status: answer.statusCode, headers: answer.headers, body: answer.body }
      } catch (error) {
        log.warn({ err: error, path: path.split('/', 3).join('/') }, 'The control plane did not answer for a page')
        return null
      }
    },
    close: () => agent.destroy(),
  }
}

const noConnection = new Set(
  'ECONNREFUSED EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN UND_ERR_CONNECT_TIMEOUT'.split(' '),
)

function neverArrived(error: unknown): boolean {
  return noConnection.has((error as { code?: string }).code ?? '')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
