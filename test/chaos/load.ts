import http from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** People who go on asking, whatever happens: so many a second, however slow the answers are. */
export interface Load {
  readonly sent: number
  readonly waiting: number
  stop(): Promise<LoadReport>
}

export interface LoadReport {
  sent: number
  /** What nobody may lose. */
  failed: string[]
  /** A body without an Idempotency-Key that had left when its application died: nobody can tell, and it is said so. */
  untold: number
  worstMs: number
  p99Ms: number
}

export interface LoadOptions {
  port: number
  perSecond: number
  /** Share of requests with a body, half of them with an Idempotency-Key. */
  withBody: number
  cookie: string
  path?: string
}

const patienceMs = 15_000

export function startLoad({ port, perSecond, withBody, cookie, path = '/page' }: LoadOptions): Load {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  const failed: string[] = []
  const tookMs: number[] = []
  let untold = 0
  let sent = 0
  let waiting = 0

  function send(): void {
    const number = sent++
    const hasBody = (number * 0.618) % 1 < withBody
    const hasKey = hasBody && number % 2 === 0
    const body = hasBody ? Buffer.alloc(8_000, 'x') : undefined
    const startedAt = performance.now()
    let hasAnswer = false
    waiting++
    const done = (problem: string | null): void => {
      waiting--
      tookMs.push(performance.now() - startedAt)
      if (problem !== null) failed.push(problem)
    }
    const request = http.request({
      host: '127.0.0.1',
      port,
      path,
      method: hasBody ? 'POST' : 'GET',
      // People come by new connections and by kept ones.
      agent: number % 3 === 0 ? false : agent,
      timeout: patienceMs,
      headers: {
        host: 'permits.example.org',
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-length': body.length }),
        ...(hasKey ? { 'idempotency-key': `k${number}` } : {}),
      },
    })
    request.on('response', (answer) => {
      hasAnswer = true
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.on('error', (error) => done(`${request.method} ${error.message}`))
      answer.on('end', () => {
        if (answer.statusCode === 200) return done(null)
        if (answer.statusCode === 502 && hasBody && !hasKey && /can.t tell/.test(text)) {
          untold++
          return done(null)
        }
        done(`${request.method} ${answer.statusCode} ${text.slice(0, 60)}`)
      })
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (!hasAnswer) done(`${request.method} ${error.code ?? error.message}`)
    })
    request.end(body)
  }

  const startedAt = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) * perSecond) / 1000
    while (sent < due) send()
  }, 5)

  return {
    get sent() {
      return sent
    },
    get waiting() {
      return waiting
    },
    async stop() {
      clearInterval(timer)
      for (const end = performance.now() + patienceMs; waiting > 0 && performance.now() < end;) await pause(20)
      agent.destroy()
      tookMs.sort((one, other) => one - other)
      const p99Ms = tookMs[Math.floor(tookMs.length * 0.99)] ?? 0
      return { sent, failed, untold, worstMs: tookMs.at(-1) ?? 0, p99Ms }
    },
  }
}
