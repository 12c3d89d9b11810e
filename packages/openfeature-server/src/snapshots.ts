import { ProviderFatalError } from '@openfeature/server-sdk'
import { compile, validateSnapshot, type CompiledSnapshot, type Snapshot } from '../../admission/src/index.ts'
import { eventReader } from '../../event-stream/src/index.ts'
import { keepSnapshot, readKept } from './cache.ts'
import { openSnapshotSets } from './sets.ts'

export interface SnapshotSource {
  compiled(): CompiledSnapshot | null
  /** Is the stream broken, so that the snapshot may be old? */
  isStale(): boolean
  /** Rejects when none came in time; the source goes on trying all the same, but where its key is refused. */
  firstSnapshot: Promise<void>
  close(): void
}

export interface SourceOptions {
  urls: readonly string[]
  key: string
  fetch: typeof fetch
  cacheFile: string | null
  waitMs: number
  onChange(flagsChanged: string[]): void
  /** Only after `firstSnapshot` has settled. `why`: what became of the stream, in words. */
  onStale(why: string): void
  /** A snapshot came after `onStale`, or after `firstSnapshot` was rejected. */
  onFresh(): void
  /** The key was refused after `firstSnapshot` was rejected: nothing more is tried. */
  onRefused(why: string): void
}

const firstPauseMs = 500
const longestPauseMs = 15_000
/** The server says something every 15 s; after this long without a word the connection is dead. */
const silenceMs = 40_000

/** Follows Phasegate's stream for ever. Where there is a kept snapshot, it stands until a newer one comes. */
export async function followSnapshots(options: SourceOptions): Promise<SnapshotSource> {
  let snapshot: Snapshot | null = options.cacheFile === null ? null : await readKept(options.cacheFile)
  const sets = openSnapshotSets(options.cacheFile)
  if (snapshot !== null) await sets.load(snapshot)
  // Without its sets a snapshot from disk decides nothing.
  if (snapshot !== null && sets.missing(snapshot).length > 0) snapshot = null
  let compiled = snapshot === null ? null : compile(snapshot, sets.atHand)
  let isStale = true
  /** Was the application told that the snapshot may be old, or that none came? */
  let isTold = false
  let isClosed = false
  let failures = 0
  let at = 0
  let timer: NodeJS.Timeout | undefined
  /** What became of the stream last. */
  let trouble = 'it has not answered yet'
  let current = new AbortController()
  const first = untilFirst()
  const limit = setTimeout(() => {
    if (snapshot !== null) return tellStale()
    isTold = true
    first.reject(new Error(`No snapshot came from Phasegate within ${options.waitMs} ms: ${trouble}`))
  }, options.waitMs)

  function tellStale(): void {
    if (isTold) return
    isTold = true
    options.onStale(trouble)
  }

  /** The last one that came, while sets of it are fetched: what came before it is old by then. */
  let newest: unknown = null

  function receive(value: unknown, url: string): void {
    newest = value
    const checked = validateSnapshot(value)
    // ADM-13: what cannot be used never replaces what can.
    if (!checked.ok) return
    const missing = sets.missing(checked.snapshot)
    if (missing.length === 0) return take(checked.snapshot)
    const ask = (name: string): Promise<Response> =>
      options.fetch(`${url}/api/v1/snapshot/sets/${name}`, { headers: { authorization: `Bearer ${options.key}` } })
    Promise.all(missing.map((name) => sets.fetch(name, ask)))
      .then((came) => {
        if (newest === value && came.every(Boolean)) take(checked.snapshot)
      })
      .catch(() => {
        // The next snapshot asks again.
      })
  }

  function take(next: Snapshot): void {
    const before = snapshot
    snapshot = next
    compiled = compile(next, sets.atHand)
    sets.keep(next)
    isStale = false
    failures = 0
    if (options.cacheFile !== null) keepSnapshot(options.cacheFile, next)
    clearTimeout(limit)
    first.resolve()
    if (isTold) options.onFresh()
    isTold = false
    const changed = before === null ? [] : changedKeys(before, next)
    if (changed.length > 0) options.onChange(changed)
  }

  async function follow(): Promise<void> {
    current = new AbortController()
    const url = options.urls[at++ % options.urls.length] ?? ''
    trouble = await listen(current, url).catch((error: unknown) => `${url} did not answer (${causeOf(error)})`)
    if (isClosed) return
    isStale = true
    if (snapshot !== null) tellStale()
    const most = Math.min(longestPauseMs, firstPauseMs * 2 ** failures++)
    timer = setTimeout(() => void follow(), 50 + Math.random() * most)
    timer.unref()
  }

  /** Until the stream ends; how, in words. */
  async function listen(controller: AbortController, url: string): Promise<string> {
    let silence = untilSilent(controller)
    try {
      const answer = await options.fetch(`${url}/api/v1/snapshot/stream?sets=named`, {
        headers: { authorization: `Bearer ${options.key}`, accept: 'text/event-stream' },
        signal: controller.signal,
      })
      // A key that is refused will be refused again; with a snapshot at hand decisions go on all the same.
      if ((answer.status === 401 || answer.status === 403) && snapshot === null) {
        isClosed = true
        const why = `Phasegate answered ${answer.status}: it does not take this key`
        first.reject(new ProviderFatalError(why))
        if (isTold) options.onRefused(why)
      }
      if (!answer.ok || answer.body === null) {
        await answer.body?.cancel()
        return `${url} answered ${answer.status}`
      }
      if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
        await answer.body.cancel()
        return `${url} answered with something else than a stream`
      }
      const read = eventReader((name, data) => {
        if (name === 'snapshot') receive(JSON.parse(data), url)
      })
      try {
        for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
          clearTimeout(silence)
          silence = untilSilent(controller)
          read(piece)
        }
      } catch (error) {
        return `the stream from ${url} broke off (${causeOf(error)})`
      }
      return `${url} ended the stream`
    } finally {
      clearTimeout(silence)
    }
  }

  if (snapshot !== null) first.resolve()
  // Not before the application knows that it can decide: whatever it is told of the stream comes after that.
  timer = setTimeout(() => void follow(), 0)
  return {
    compiled: () => compiled,
    isStale: () => isStale,
    firstSnapshot: first.promise,
    close() {
      isClosed = true
      clearTimeout(timer)
      clearTimeout(limit)
      current.abort()
      first.reject(new Error('The provider was closed before a snapshot came'))
    },
  }
}

function untilSilent(controller: AbortController): NodeJS.Timeout {
  const why = new Error(`nothing came for ${silenceMs / 1000} s`)
  return setTimeout(() => controller.abort(why), silenceMs).unref()
}

/** Such as ECONNREFUSED, which fetch keeps inside its own error. */
function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string }
  return cause?.code ?? cause?.message ?? message ?? String(error)
}

function untilFirst(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve = (): void => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((...settle) => ([resolve, reject] = settle))
  promise.catch(() => {})
  return { promise, resolve, reject }
}

/** Keys whose answers may differ: their own ladder, or a cohort that it names, is another. */
function changedKeys(before: Snapshot, after: Snapshot): string[] {
  const old = written(before)
  const young = written(after)
  return [...new Set([...old.keys(), ...young.keys()])].filter((key) => old.get(key) !== young.get(key))
}

function written({ services, features = [], cohorts = [] }: Snapshot): Map<string, string> {
  const sets = new Map(cohorts.map(({ id, units }) => [id, JSON.stringify(units)]))
  const named = (ids: string[] = []): string => ids.map((id) => sets.get(id) ?? '').join()
  const byService = new Map(services.map((service) => [service.key, JSON.stringify(service)]))
  return new Map([
    ...services.map((service) => [service.key, `${byService.get(service.key)}${named(service.cohorts)}`] as const),
    ...features.map((feature) => {
      const own = `${JSON.stringify(feature)}${named(feature.cohorts)}`
      return [feature.key, `${own}${byService.get(feature.service)}`] as const
    }),
  ])
}
