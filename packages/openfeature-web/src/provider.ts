import {
  ErrorCode,
  OpenFeatureEventEmitter,
  ProviderEvents,
  ProviderFatalError,
  type EvaluationContext,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/web-sdk'
import { addressOf } from '../../providers/src/index.ts'
import { ask, changedKeys, type Answers, type Asking } from './answers.ts'
import { listen, type ChangeStream } from './stream.ts'
import { openTracking, type Tracking } from './tracking.ts'

export interface PhasegateWebOptions {
  /** Where Phasegate answers, such as `https://beta.example.org`. */
  url: string
  /** A `client` key: public, good on the pages of its service only. Needed for `track()`. */
  key?: string
  /** The service that tracked events belong to, by key. */
  service?: string
  /** Where tracked events wait over a navigation. Default: the session storage of the tab; null for memory alone. */
  storage?: Storage | null
  /** Seconds between questions where the server has no stream. Default 60; 0 for never. */
  pollSeconds?: number
}

const firstPauseMs = 1_000
const longestPauseMs = 60_000
/** An event has room for so many. */
const mostFlags = 30

type Kind = 'boolean' | 'string' | 'number' | 'object'

/**
 * All flags in one request for the static context, asked again when the context changes or the server says that something
 * did. Sets no cookie. Evaluation never throws; while the stream is away the provider says STALE and goes on.
 *
 * @example await OpenFeature.setProviderAndWait(new PhasegateWebProvider({ url: 'https://beta.example.org' }))
 */
export class PhasegateWebProvider implements Provider {
  readonly metadata = { name: 'Phasegate' } as const
  readonly runsOn = 'client'
  readonly events = new OpenFeatureEventEmitter()
  readonly #options: PhasegateWebOptions
  readonly #asking: Asking
  #context: EvaluationContext = {}
  #answers: Answers | null = null
  /** The person that the answers are about. */
  #answeredFor: string | undefined
  #stream: ChangeStream | null = null
  #poll: ReturnType<typeof setInterval> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #isStale = false
  #isClosed = false
  #asked = Promise.resolve()
  #isDue = false
  #tracking: Tracking | null = null
  /** Flags that the page asks for. */
  readonly #met = new Set<string>()

  constructor(options: PhasegateWebOptions) {
    this.#options = options
    this.#asking = {
      url: addressOf(options.url),
      key: options.key ?? null,
      fetch: (...given) => globalThis.fetch(...given),
    }
  }

  async initialize(context: EvaluationContext = {}): Promise<void> {
    this.#context = context
    const { key, service, storage } = this.#options
    if (key !== undefined && service !== undefined) {
      this.#tracking = openTracking({
        ...this.#asking,
        key,
        service,
        storage: storage === undefined ? tabStorage() : storage,
      })
    }
    this.#isClosed = false
    try {
      this.#take(await ask(this.#asking, context, null), context)
    } catch (error) {
      this.#tryAgain(error)
      throw error
    }
  }

  /** Phasegate was away as a person came: asked again with growing, jittered pauses until it answers. */
  #tryAgain(error: unknown, failures = 0): void {
    if (this.#isClosed || error instanceof ProviderFatalError) return
    const most = Math.min(longestPauseMs, firstPauseMs * 2 ** failures)
    const context = this.#context
    const again = async (): Promise<void> => {
      try {
        const answers = await ask(this.#asking, context, null)
        if (this.#retry === timer) this.#take(answers, context)
      } catch (problem) {
        if (this.#retry !== timer) return
        this.#tryAgain(problem, failures + 1)
        if (problem instanceof ProviderFatalError) {
          const { message } = problem
          this.events.emit(ProviderEvents.Error, { message, errorCode: ErrorCode.PROVIDER_FATAL })
        }
      }
    }
    const timer = setTimeout(() => void again(), most * (0.5 + Math.random() / 2))
    this.#retry = timer
  }

  #stopTrying(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
  }

  /** The answers for the person of the page are there. */
  #take(answers: Answers | null, { targetingKey }: EvaluationContext): void {
    if (this.#isClosed) return
    this.#answers = answers
    this.#answeredFor = targetingKey
    if (this.#stream === null && this.#poll === undefined) this.#watch()
    if (this.#retry === undefined) return
    // The SDK was told of a failure, and hears of nothing else by itself.
    this.#stopTrying()
    this.#isStale = false
    this.events.emit(ProviderEvents.Ready)
  }

  async onContextChange(_old: EvaluationContext, context: EvaluationContext): Promise<void> {
    this.#context = context
    this.#stopTrying()
    try {
      const answers = await ask(this.#asking, context, null)
      // A later change of context may have been answered before.
      if (this.#context === context) this.#take(answers, context)
    } catch (error) {
      if (this.#context === context) {
        // The last answers stand for the same person only.
        if (this.#answeredFor !== context.targetingKey) this.#answers = null
        this.#tryAgain(error)
      }
      throw error
    }
  }

  async onClose(): Promise<void> {
    this.#isClosed = true
    this.#stream?.close()
    clearInterval(this.#poll)
    this.#stopTrying()
    this.#tracking?.close()
    this.#poll = undefined
    this.#stream = null
    this.#tracking = null
  }

  resolveBooleanEvaluation(key: string, fallback: boolean): ResolutionDetails<boolean> {
    return this.#resolve(key, fallback, 'boolean')
  }

  resolveStringEvaluation(key: string, fallback: string): ResolutionDetails<string> {
    return this.#resolve(key, fallback, 'string')
  }

  resolveNumberEvaluation(key: string, fallback: number): ResolutionDetails<number> {
    return this.#resolve(key, fallback, 'number')
  }

  resolveObjectEvaluation<T extends JsonValue>(key: string, fallback: T): ResolutionDetails<T> {
    return this.#resolve(key, fallback, 'object')
  }

  /**
   * Sent as the event `custom.<name>` of the service, with the variants of the flags that the page asks for; waits over a
   * navigation, counts once.
   */
  track(name: string, context: EvaluationContext, details: TrackingEventDetails): void {
    const flags: Record<string, string> = {}
    for (const key of this.#met) {
      const variant = this.#answers?.flags.get(key)?.variant
      if (variant !== undefined) flags[key] = variant
    }
    this.#tracking?.add(name, context, details, flags)
  }

  #watch(): void {
    const stream = this.#answers?.stream ?? null
    if (stream !== null) {
      this.#stream = listen(stream, {
        change: () => this.#askAgain(),
        // What happened while nobody listened is asked for.
        open: () => this.#isStale && this.#askAgain(),
        lost: () => this.#say(true),
        // Only a whole answer holds the address: one that nothing has changed has no body.
        address: async () => {
          this.#asked = this.#asked.then(() => this.#askOnce(null))
          await this.#asked
          return this.#answers?.stream ?? null
        },
      })
      return
    }
    const seconds = this.#options.pollSeconds ?? 60
    if (seconds > 0) this.#poll = setInterval(() => this.#askAgain(), seconds * 1000)
  }

  /**
   * One question at a time: the answer to an earlier one must not replace a later one's. What changes meanwhile waits for
   * one question more.
   */
  #askAgain(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#asked = this.#asked.then(() => {
      this.#isDue = false
      return this.#askOnce()
    })
  }

  async #askOnce(held = this.#answers): Promise<void> {
    const context = this.#context
    const before = this.#answers
    try {
      const answers = await ask(this.#asking, context, held)
      if (this.#context !== context) return
      this.#say(false)
      if (answers === null) return
      this.#take(answers, context)
      const flagsChanged = before === null ? [] : changedKeys(before, answers)
      if (flagsChanged.length > 0) this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged })
    } catch {
      this.#say(true)
    }
  }

  #say(isStale: boolean): void {
    if (isStale === this.#isStale) return
    this.#isStale = isStale
    if (isStale) this.events.emit(ProviderEvents.Stale, { message: 'Going on with the last answers' })
    else this.events.emit(ProviderEvents.Ready)
  }

  #resolve<T>(key: string, fallback: T, kind: Kind): ResolutionDetails<T> {
    if (this.#answers === null) return failure(fallback, ErrorCode.PROVIDER_NOT_READY, 'No answers have arrived yet')
    const answer = this.#answers.flags.get(key)
    if (answer === undefined) return failure(fallback, ErrorCode.FLAG_NOT_FOUND, 'There is no such flag')
    if (answer.errorCode !== undefined) {
      return failure(fallback, codeOf(answer.errorCode), answer.errorDetails ?? 'The flag could not be decided')
    }
    if (this.#met.size < mostFlags) this.#met.add(key)
    if (typeof answer.value !== kind || answer.value === null) {
      return failure(fallback, ErrorCode.TYPE_MISMATCH, `The value is not a ${kind}`)
    }
    const { value, variant, reason, metadata } = answer
    const flagMetadata = { ...metadata, ...(this.#isStale && { stale: true }) }
    return { value: value as T, variant, reason, flagMetadata }
  }
}

function codeOf(code: string): ErrorCode {
  return isCode(code) ? code : ErrorCode.GENERAL
}

function isCode(code: string): code is ErrorCode {
  return Object.values<string>(ErrorCode).includes(code)
}

function failure<T>(value: T, errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> {
  return { value, reason: 'ERROR', errorCode, errorMessage }
}

/** A browser can forbid it, and then throws when asked. */
function tabStorage(): Storage | null {
  try {
    return globalThis.sessionStorage
  } catch {
    return null
  }
}
