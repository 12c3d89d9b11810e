import type { IncomingMessage } from 'node:http'

const keptAtMost = 1024 * 1024

/**
 * A request's body, read only when a connection asks for it: so a refused connection leaves it whole for the next.
 * With `keep`, what was read can be sent once more, up to 1 MiB (GW-16: for requests with an Idempotency-Key).
 */
export class RequestBody implements AsyncIterable<Buffer> {
  readonly #request: IncomingMessage
  readonly #keep: boolean
  #kept: Buffer[] = []
  #keptBytes = 0
  #rest: AsyncIterator<Buffer> | null = null

  constructor(request: IncomingMessage, keep: boolean) {
    this.#request = request
    this.#keep = keep
  }

  canRepeat(): boolean {
    return this.#rest === null || (this.#keep && this.#keptBytes <= keptAtMost)
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    this.#rest ??= this.#request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
    const rest = this.#rest
    let at = 0
    // No `return`: a sender that gives up must not end the client's stream.
    return {
      next: async () => {
        const again = this.#kept[at++]
        if (again !== undefined) return { done: false, value: again }
        const read = await rest.next()
        if (this.#keep && read.done !== true) {
          this.#keptBytes += read.value.length
          if (this.#keptBytes <= keptAtMost) this.#kept.push(read.value)
          else this.#kept = []
        }
        return read
      },
    }
  }
}
