import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Arm } from '../packages/admission/src/index.ts'
import type { GatewayResponse } from './answering.ts'
import { answerHeaders, type Caching } from './answer-headers.ts'
import type { Answered, Collector } from './answered.ts'
import type { Incoming } from './incoming.ts'
import { originHeaders } from './origin-headers.ts'
import { badRequest, cannotTell, holdingPageOf, unavailable, type Page } from './pages.ts'
import { anyMatches } from './patterns.ts'
import { RequestBody } from './request-body.ts'
import type { Upstream } from './upstream.ts'
import { about, holdingFor, type Visit } from './visit.ts'

type Controller = Dispatcher.DispatchController

/** What an exchange needs of the gateway around it. */
export interface Surroundings {
  showPage(response: ServerResponse, page: Page, setCookies: readonly string[], closes: boolean): void
  answered(answer: Answered): Collector | null
  /** Takes the place of the response for what is to be changed on its way; null leaves it untouched. */
  insertion(answer: Answered, headers: string[], policy: string, response: ServerResponse): Writable | null
  failed(incoming: Incoming, visit: Visit, arm: Arm, error: Error): void
  /** The browser reads slower than the arm sends. */
  waits(incoming: Incoming, response: ServerResponse): void
  /** The browser can take more: when it is this answer's turn, more of it is sent. */
  inTurn(goOn: () => void): void
}

/** One request on its way to an arm and back, with the fallback rules of GW-16. */
export class Exchange {
  readonly #incoming: Incoming
  readonly #visit: Visit
  readonly #response: GatewayResponse
  readonly #around: Surroundings
  readonly #body: RequestBody | null
  readonly #explicit: boolean
  readonly #startedAt = performance.now()
  #wanted: Arm = 'current'
  #gone = false
  #controller: Controller | null = null

  /** `explicit` is the arm that `?pg_arm=` asked for: its answer may be anything but HTML. */
  constructor(incoming: Incoming, visit: Visit, response: GatewayResponse, around: Surroundings, explicit: boolean) {
    this.#incoming = incoming
    this.#visit = visit
    this.#response = response
    this.#around = around
    this.#explicit = explicit
    this.#body = incoming.clean.hasBody ? new RequestBody(incoming.request, this.#isRepeatable()) : null
    response.on('close', () => {
      if (response.writableFinished) return
      this.#gone = true
      this.#controller?.abort(new Error('The client went away'))
    })
  }

  start(arm: Arm): void {
    // The control plane may have been asked in the meantime, and the browser not have waited.
    if (this.#response.destroyed) return
    const { site } = this.#visit
    this.#wanted = arm
    // GW-17: a new arm that is known to be down costs nobody a try.
    this.#attempt(arm === 'new' && !site.new.up ? 'current' : arm, false)
  }

  #isRepeatable(): boolean {
    const { method, clean } = this.#incoming
    if (method === 'GET' || method === 'HEAD') return true
    for (let at = 0; at < clean.kept.length; at += 2) {
      if ((clean.kept[at] as string).toLowerCase() === 'idempotency-key') return true
    }
    return false
  }

  #attempt(arm: Arm, again: boolean): void {
    const upstream = arm === 'new' ? this.#visit.site.new : this.#visit.site.current
    if (upstream === null) {
      const isDown = this.#wanted === 'new'
      return this.#show(holdingPageOf(about(this.#visit), holdingFor(this.#visit, isDown)))
    }
    const attempt = new Attempt(this, arm, upstream, again)
    upstream.pool.dispatch(
      {
        path: this.#incoming.target.url,
        method: this.#incoming.method,
        headers: originHeaders(this.#incoming, this.#visit, upstream, arm),
        body: this.#body as never,
        // An application that does not read the body of such a request would take it for the next one.
        reset: this.#body !== null && bodiless.has(this.#incoming.method),
      },
      attempt,
    )
  }

  started(controller: Controller): void {
    this.#controller = controller
    if (this.#gone) controller.abort(new Error('The client went away'))
  }

  /** The headers of an answer, written to the browser; returns where its body goes, or null to let it go. */
  answer(attempt: Attempt, controller: Controller, status: number, statusText: string): Sink | null {
    const incoming = this.#incoming
    const visit = this.#visit
    const response = this.#response
    const raw = (controller as unknown as { rawHeaders: (Buffer | string)[] }).rawHeaders
    const given = answerHeaders(raw, incoming, attempt.upstream, {
      status,
      arm: attempt.arm,
      setCookies: this.#explicit ? [] : visit.setCookies,
      caching: this.#cachingOf(attempt.arm),
    })
    if (this.#explicit && given.isHtml) {
      attempt.isLeft = true
      controller.abort(new Error('An HTML answer to ?pg_arm= is not passed on'))
      new Exchange(incoming, visit, response, this.#around, false).start(visit.assigned)
      return null
    }
    const answered: Answered = {
      incoming,
      visit,
      served: attempt.arm,
      status,
      isHtml: given.isHtml,
      isExplicit: this.#explicit,
      encoding: given.contentEncoding,
      milliseconds: performance.now() - this.#startedAt,
      inserted: null,
    }
    const { headers } = given
    const out = given.isHtml ? this.#around.insertion(answered, headers, given.policy, response) : null
    const collector = this.#around.answered(answered)
    response.isEndless = given.isEventStream
    response.writeHead(status, statusText, headers)
    if (given.isEventStream && attempt.arm === 'new') this.#followHalt()
    return { out: out ?? response, isPlain: out === null, length: given.contentLength, collector }
  }

  /** GW-11: what is kept of an answer must not come back to somebody, or at a time, that it was not made for. */
  #cachingOf(served: Arm): Caching {
    const { method, target } = this.#incoming
    const { site, person } = this.#visit
    const { pass, choice } = person
    if (this.#explicit) return served === this.#wanted ? 'own' : 'stand-in'
    const isMeantForNew = this.#wanted === 'new' || (choice !== 'current' && (choice ?? pass?.arm) === 'new')
    if (served === 'current' && isMeantForNew) return 'stand-in'
    const isAsset = (method === 'GET' || method === 'HEAD') && anyMatches(site.assets, target.path)
    // An arm that was asked for by name and not given is no file of that name.
    return isAsset && !target.query.includes('pg_arm=') ? 'asset' : 'page'
  }

  #followHalt(): void {
    const { openToNew } = this.#visit.site
    const stream = { destroy: () => this.#response.destroy() }
    openToNew.add(stream)
    this.#response.once('close', () => openToNew.delete(stream))
  }

  /** GW-16, in the order of contracts: never made, made without a byte, anything later. */
  failed(attempt: Attempt, error: Error): void {
    if (this.#gone || attempt.isLeft) return
    this.#controller = null
    if (this.#response.headersSent) {
      this.#around.failed(this.#incoming, this.#visit, attempt.arm, error)
      this.#response.destroy()
      return
    }
    const { code } = error as { code?: string }
    if (!attempt.isSent) {
      if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return this.#show(badRequest())
      attempt.upstream.refused()
      if (attempt.arm === 'new') return this.#attempt('current', false)
      this.#around.failed(this.#incoming, this.#visit, attempt.arm, error)
      return this.#show(unavailable(about(this.#visit)))
    }
    const mayRepeat = !attempt.hasByte && this.#isRepeatable() && (this.#body?.canRepeat() ?? true)
    // An idle connection can be closed by the origin at the moment that it is used again: one more try on a new one.
    if (mayRepeat && !attempt.isAgain && isClosed(code)) return this.#attempt(attempt.arm, true)
    if (mayRepeat && attempt.arm === 'new') return this.#attempt('current', false)
    this.#around.failed(this.#incoming, this.#visit, attempt.arm, error)
    this.#show(mayRepeat ? unavailable(about(this.#visit)) : cannotTell(about(this.#visit)))
  }

  flush(): void {
    if (!this.#response.destroyed) this.#response.flushHeaders()
  }

  waits(): void {
    this.#around.waits(this.#incoming, this.#response)
  }

  inTurn(goOn: () => void): void {
    this.#around.inTurn(goOn)
  }

  #show(page: Page): void {
    this.#around.showPage(this.#response, page, this.#visit.setCookies, this.#body !== null)
  }
}

interface Sink {
  out: Writable
  /** The body goes out as it comes in, with this length where it is known. */
  isPlain: boolean
  length: number
  collector: Collector | null
}

const smallBody = 16 * 1024
const plainReason = /^[ -~]*$/
const bodiless = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE'])

function isClosed(code: string | undefined): boolean {
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** One try at one upstream, as undici drives it. */
class Attempt implements Dispatcher.DispatchHandler {
  readonly arm: Arm
  readonly upstream: Upstream
  readonly isAgain: boolean
  isSent = false
  hasByte = false
  isLeft = false
  readonly #exchange: Exchange
  #out: Writable | null = null
  #wholeLength = -1
  #isWhole = false
  #hasBody = false
  #collector: Collector | null = null

  constructor(exchange: Exchange, arm: Arm, upstream: Upstream, isAgain: boolean) {
    this.#exchange = exchange
    this.arm = arm
    this.upstream = upstream
    this.isAgain = isAgain
  }

  onRequestStart(controller: Controller): void {
    this.isSent = true
    this.#exchange.started(controller)
  }

  onResponseStarted(): void {
    this.hasByte = true
  }

  onResponseStart(controller: Controller, status: number, _headers: unknown, statusText?: string): void {
    this.hasByte = true
    if (status < 200) return
    const sink = this.#answer(controller, status, statusText ?? '')
    if (sink === null) return
    this.#out = sink.out
    if (sink.isPlain && sink.length <= smallBody) this.#wholeLength = sink.length
    // Head and body mostly come together and leave together; a head that comes alone goes on alone.
    process.nextTick(() => {
      if (!this.#hasBody) this.#exchange.flush()
    })
    this.#collector = sink.collector
  }

  /** GW-6: a head that can't be passed on ends as an answer that never came. */
  #answer(controller: Controller, status: number, statusText: string): Sink | null {
    try {
      return this.#exchange.answer(this, controller, status, plainReason.test(statusText) ? statusText : '')
    } catch (error) {
      this.#exchange.failed(this, error instanceof Error ? error : new Error(String(error)))
      this.isLeft = true
      controller.abort(new Error('The head of the answer can not be passed on'))
      return null
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    const out = this.#out
    if (out === null) return
    this.#hasBody = true
    this.#collector?.take(chunk)
    if (chunk.length === this.#wholeLength) {
      this.#isWhole = true
      out.write(chunk.toString('latin1'), 'latin1')
      return
    }
    this.#wholeLength = -1
    if (out.write(chunk)) return
    this.#exchange.waits()
    controller.pause()
    out.once('drain', () => this.#exchange.inTurn(() => controller.resume()))
  }

  onResponseEnd(): void {
    this.#hasBody = true
    const out = this.#out
    // One string of head and body, and the end a moment later, leave by one write in place of a gathering one.
    if (this.#isWhole) process.nextTick(() => out?.end())
    else out?.end()
    this.#collector?.end()
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#collector?.end()
    this.#exchange.failed(this, error)
  }
}
