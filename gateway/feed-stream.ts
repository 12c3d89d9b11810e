import { promisify } from 'node:util'
import { gunzip as gunzipCallback } from 'node:zlib'
import { Agent, request } from 'undici'
import { eventReader } from '../packages/event-stream/src/index.ts'
import type { Log } from './log.ts'

export interface FeedStream {
  connected(): boolean
  /** The control plane is there now: what waits to come back waits no longer. */
  again(): void
  close(): void
}

const silenceMs = 40_000
const firstWaitMs = 500
const longestWaitMs = 15_000

const gunzip = promisify(gunzipCallback)
const mostOfSet = 512 * 1024 * 1024

/** GW-40: the text of a large set that a feed names. */
export async function fetchSet(controlUrl: string, key: string, name: string): Promise<string> {
  const agent = new Agent({ allowH2: false, connect: { timeout: 5000 } })
  try {
    const answer = await request(`${controlUrl}/api/v1/gateway/sets/${name}`, {
      headers: { authorization: `Bearer ${key}`, 'accept-encoding': 'gzip' },
      dispatcher: agent,
      headersTimeout: 30_000,
      bodyTimeout: silenceMs,
    })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    if (answer.statusCode !== 200) throw new Error(`The control plane answered ${answer.statusCode} for a set`)
    const isZipped = answer.headers['content-encoding'] === 'gzip'
    return (isZipped ? await gunzip(bytes, { maxOutputLength: mostOfSet }) : bytes).toString('utf8')
  } finally {
    void agent.close()
  }
}

/** Follows one control plane's stream for ever; comes back after a jittered, growing pause when it breaks. */
export function followFeed(
  controlUrl: string,
  key: string,
  log: Log,
  offer: (feed: unknown, from: string) => void,
): FeedStream {
  let closed = false
  let connected = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let current = new AbortController()
  // Its own agent: the global one belongs to the undici inside Node, which is another version.
  const agent = new Agent({ allowH2: false, connect: { timeout: 5000 } })

  async function follow(): Promise<void> {
    current = new AbortController()
    try {
      await listen(current)
    } catch (error) {
      if (!closed && failures === 0) log.warn({ controlUrl, err: error }, `The stream from ${controlUrl} broke`)
    }
    connected = false
    if (closed) return
    const most = Math.min(longestWaitMs, firstWaitMs * 2 ** failures++)
    timer = setTimeout(
      () => {
        timer = undefined
        void follow()
      },
      50 + Math.random() * most,
    ).unref()
  }

  async function listen(controller: AbortController): Promise<void> {
    const answer = await request(`${controlUrl}/api/v1/gateway/stream?sets=named`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      dispatcher: agent,
      signal: controller.signal,
      headersTimeout: 10_000,
      bodyTimeout: silenceMs,
    })
    if (answer.statusCode !== 200) {
      await answer.body.dump()
      throw new Error(`The control plane answered ${answer.statusCode} to the gateway's stream`)
    }
    connected = true
    if (failures > 0) log.info({ controlUrl }, `The stream from ${controlUrl} is back`)
    failures = 0
    const read = eventReader((name, data) => {
      if (name === 'feed') offer(JSON.parse(data), controlUrl)
    })
    answer.body.setEncoding('utf8')
    for await (const chunk of answer.body) read(String(chunk))
    throw new Error('The control plane ended the stream')
  }

  void follow()
  return {
    connected: () => connected,
    again() {
      failures = 0
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      void follow()
    },
    close() {
      closed = true
      clearTimeout(timer)
      current.abort()
      void agent.destroy()
    },
  }
}
