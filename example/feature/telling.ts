import { randomUUID } from 'node:crypto'

/** What an application says of one person: what they did, and what was decided for them just then. */
export interface Told {
  name: `custom.${string}`
  unit: string
  flags: Record<string, boolean>
}

export interface Telling {
  tell(event: Told): void
  /** Sends what waits. */
  close(): Promise<void>
}

interface TellingParts {
  url: string
  key: string
  service: string
  now: () => Date
}

const gatherMs = 1_000
const mostWaiting = 1_000
const patienceMs = 5_000

/** Sends events some at a time, so that no page waits for it. What is not taken is sent again under its id, and counts once. */
export function openTelling({ url, key, service, now }: TellingParts): Telling {
  let waiting: object[] = []
  let timer: NodeJS.Timeout | null = null

  async function send(): Promise<void> {
    timer = null
    const events = waiting.slice(0, mostWaiting)
    if (events.length === 0 || !(await isTaken(events))) return
    waiting = waiting.slice(events.length)
  }

  async function isTaken(events: object[]): Promise<boolean> {
    try {
      const answer = await fetch(new URL('/api/v1/events', url), {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
        signal: AbortSignal.timeout(patienceMs),
      })
      await answer.arrayBuffer()
      return answer.ok
    } catch {
      return false
    }
  }

  return {
    tell(event) {
      if (waiting.length >= mostWaiting) return
      waiting.push({ id: randomUUID(), time: now().toISOString(), service, arm: 'new', ...event })
      timer ??= setTimeout(() => void send(), gatherMs).unref()
    },
    async close() {
      if (timer !== null) clearTimeout(timer)
      await send()
    },
  }
}
