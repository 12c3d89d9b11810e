const firstPauseMs = 1_000
const longestPauseMs = 60_000
/** Everybody hears of a change at once; asking again is spread over this time. */
const spreadMs = 100

export interface ChangeStream {
  close(): void
}

/**
 * Listens for "ask again". The browser reconnects by itself after a cut; where it gave up (the server refused), this does,
 * with growing, jittered pauses. From the second refusal on, which may be of the address, it asks for the `address` anew.
 */
export function listen(
  url: string,
  on: { change(): void; open(): void; lost(): void; address(): Promise<string | null> },
): ChangeStream {
  let address = url
  let source: EventSource | null = null
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  function connect(): void {
    source = new EventSource(address)
    source.onopen = () => {
      failures = 0
      on.open()
    }
    source.onmessage = () => void setTimeout(on.change, Math.random() * spreadMs)
    source.onerror = () => {
      on.lost()
      if (source?.readyState !== EventSource.CLOSED) return
      const most = Math.min(longestPauseMs, firstPauseMs * 2 ** failures++)
      timer = setTimeout(() => void again(), most * (0.5 + Math.random() / 2))
    }
  }

  async function again(): Promise<void> {
    if (failures > 1) address = (await on.address()) ?? address
    if (!isClosed) connect()
  }

  connect()
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      source?.close()
    },
  }
}
