import assert from 'node:assert/strict'

/** A client that listens at the address of an answer, as a browser does: without a header of its own. */
export interface ChangeStream {
  /** How often it was told to ask again. */
  told(): number
  /** The id of what it was told last, which it says when it comes back. */
  lastId(): string | null
  isOver(): boolean
  close(): void
}

export async function listenAt(address: URL, headers: Record<string, string> = {}): Promise<ChangeStream> {
  const ended = new AbortController()
  const { status, body } = await fetch(address, { signal: ended.signal, headers })
  assert.equal(status, 200)
  let heard = ''
  let isOver = false
  const reading = async (): Promise<void> => {
    for await (const piece of body ?? []) heard += Buffer.from(piece).toString()
  }
  reading()
    .catch(() => {})
    .finally(() => (isOver = true))
  return {
    told: () => heard.split('data: {"type":"refetchEvaluation"}').length - 1,
    lastId: () => [...heard.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? null,
    isOver: () => isOver,
    close: () => ended.abort(),
  }
}
