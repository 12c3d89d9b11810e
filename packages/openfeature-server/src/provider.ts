import {
  ErrorCode,
  OpenFeatureEventEmitter,
  ProviderEvents,
  type EvaluationContext,
  type FlagMetadata,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/server-sdk'
import { decide, placeToAskFor, type CompiledService, type Decided, type Decision } from '../../admission/src/index.ts'
import { addressOf } from '../../providers/src/index.ts'
import { askForPlace, placesAtHand } from './place.ts'
import { followSnapshots, type SnapshotSource } from './snapshots.ts'
import { openTracking, type Tracking } from './tracking.ts'

export interface PhasegateOptions {
  /** Where Phasegate answers, such as `https://beta.example.org`. Several instances: all of them, tried in turn. */
  url: string | readonly string[]
  /** A `server` key. It stays on your server. */
  key: string
  /** The service that tracked events belong to, by key. Without it `track()` does nothing. */
  service?: string
  /** A file for the last snapshot: after a restart with Phasegate away, decisions go on from it. */
  cacheFile?: string
  /** How long `initialize` waits for a first snapshot, in milliseconds. Default 5,000. */
  waitMs?: number
  /** For tests and proxies; default is the global one. */
  fetch?: typeof fetch
}

/** An event has room for so many. */
const mostFlags = 30

type Kind = 'boolean' | 'string' | 'number' | 'object'

/**
 * Decides in process on the last snapshot, however old. While the stream is broken the provider says STALE and goes on; it
 * comes back with growing, jittered pauses. Evaluation never throws: what goes wrong is the default with an error code.
 *
 * @example await OpenFeature.setProviderAndWait(new PhasegateProvider({ url, key, cacheFile: '/var/lib/app/flags.json' }))
 */
export class PhasegateProvider implements Provider {
  readonly metadata = { name: 'Phasegate' } as const
  readonly runsOn = 'server'
  readonly events = new OpenFeatureEventEmitter()
  readonly #options: Required<Pick<PhasegateOptions, 'key' | 'waitMs' | 'fetch'>> & PhasegateOptions
  readonly #urls: readonly string[]
  readonly #places = placesAtHand()
  /** Flags that the application asks for. */
  readonly #asked = new Set<string>()
  #source: SnapshotSource | null = null
  #isClosed = false
  #tracking: Tracking | null = null

  constructor(options: PhasegateOptions) {
    this.#urls = [options.url].flat().map((url) => addressOf(url))
    if (this.#urls.length === 0) throw new RangeError('Give the address of Phasegate as url')
    if (typeof options.key !== 'string' || options.key.trim() === '')
      throw new RangeError('Give a server key of Phasegate as key: the settings of the service make one')
    this.#options = { waitMs: 5_000, fetch: globalThis.fetch, ...options }
  }

  /** Resolves once there is a snapshot: from the stream, or the last one from disk. Rejects after `waitMs` without one. */
  async initialize(): Promise<void> {
    const { key, fetch, cacheFile, waitMs, service } = this.#options
    this.#tracking =
      service === undefined ? null : openTracking({ urls: this.#urls, key, fetch, service, now: () => new Date() })
    this.#isClosed = false
    const source = await followSnapshots({
      urls: this.#urls,
      key,
      fetch,
      cacheFile: cacheFile ?? null,
      waitMs,
      onChange: (flagsChanged) => this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged }),
      onStale: (why) => this.events.emit(ProviderEvents.Stale, { message: `Deciding on the last snapshot: ${why}` }),
      onFresh: () => this.events.emit(ProviderEvents.Ready),
      onRefused: (message) => this.events.emit(ProviderEvents.Error, { message, errorCode: ErrorCode.PROVIDER_FATAL }),
    })
    this.#source = source
    // Closed while the snapshot of an earlier run was read from disk.
    if (this.#isClosed) await this.onClose()
    await source.firstSnapshot
  }

  /** Delivers what was tracked, then ends the stream. */
  async onClose(): Promise<void> {
    this.#isClosed = true
    this.#source?.close()
    this.#source = null
    await this.#tracking?.close()
    this.#tracking = null
  }

  async resolveBooleanEvaluation(
    key: string,
    fallback: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#resolve(key, fallback, 'boolean', context)
  }

  async resolveStringEvaluation(
    key: string,
    fallback: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#resolve(key, fallback, 'string', context)
  }

  async resolveNumberEvaluation(
    key: string,
    fallback: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#resolve(key, fallback, 'number', context)
  }

  async resolveObjectEvaluation<T extends JsonValue>(
    key: string,
    fallback: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return this.#resolve(key, fallback, 'object', context)
  }

  /**
   * Sent as the event `custom.<name>` of the service, under the targeting key as unit, with the variants that the person gets of
   * the flags that the application asks for; kept until it arrives.
   */
  track(name: string, context: EvaluationContext, details: TrackingEventDetails): void {
    this.#tracking?.add(name, context, details, this.#flagsOf(context))
  }

  #flagsOf(context: EvaluationContext): Record<string, string> {
    const compiled = this.#source?.compiled() ?? null
    const flags: Record<string, string> = {}
    if (compiled === null) return flags
    for (const key of this.#asked) {
      const decision = decide(compiled, key, context, new Date(), this.#places.of(context.targetingKey))
      if (decision.kind === 'decided') flags[key] = decision.variant
    }
    return flags
  }

  async #resolve<T>(key: string, fallback: T, kind: Kind, context: EvaluationContext): Promise<ResolutionDetails<T>> {
    const compiled = this.#source?.compiled() ?? null
    if (compiled === null) return failure(fallback, ErrorCode.PROVIDER_NOT_READY, 'No snapshot has arrived yet')
    const decideNow = (): Decision => decide(compiled, key, context, new Date(), this.#places.of(context.targetingKey))
    let decision = decideNow()
    if (decision.kind === 'decided' && (await this.#takesPlace(compiled.services.get(key), decision, context)))
      decision = decideNow()
    if (decision.kind === 'failed') return failure(fallback, ErrorCode[decision.errorCode], decision.detail)
    if (this.#asked.size < mostFlags) this.#asked.add(key)
    const { value, variant, reason, rung } = decision
    if (!isOfKind(value, kind)) {
      return failure(fallback, ErrorCode.TYPE_MISMATCH, `The value is a ${typeof value}, not a ${kind}`)
    }
    return { value: value as T, variant, reason, flagMetadata: this.#metadata(rung, decision) }
  }

  async #takesPlace(
    service: CompiledService | undefined,
    { rung }: Decided,
    context: EvaluationContext,
  ): Promise<boolean> {
    const { targetingKey: unit } = context
    const asked = service === undefined ? null : placeToAskFor(service, { rung }, context)
    if (service === undefined || unit === undefined || asked === null) return false
    const isGiven = await askForPlace({ urls: this.#urls, ...this.#options, service: service.key, context })
    if (isGiven) this.#places.put(unit, service.key, asked)
    return isGiven
  }

  #metadata(rung: string, { rolloutVersion }: Decided): FlagMetadata {
    return { rung, rolloutVersion, ...(this.#source?.isStale() === true && { stale: true }) }
  }
}

function isOfKind(value: unknown, kind: Kind): boolean {
  return typeof value === kind && value !== null
}

function failure<T>(value: T, errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> {
  return { value, reason: 'ERROR', errorCode, errorMessage }
}
