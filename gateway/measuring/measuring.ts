import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Arm } from '../../packages/admission/src/index.ts'
import type { Answered, Collector } from '../answered.ts'
import type { ControlPlane } from '../control-plane.ts'
import type { Incoming } from '../incoming.ts'
import type { Clock, Log } from '../log.ts'
import type { Sites } from '../site.ts'
import type { Visit } from '../visit.ts'
import { openWalks } from '../walk.ts'
import { openCourier, type Report } from './courier.ts'
import { openExposures } from './exposures.ts'
import { hitsOf, type Hit } from './journeys.ts'
import { gatherMarks, type Marks } from './page-marks.ts'
import { openTraffic } from './traffic.ts'
import { openTransactions } from './transactions.ts'
import { openVisitors, type Visitor } from './visitors.ts'

export interface Measuring {
  report(report: Report): void
  /** Sends reports on without waiting for more of them. */
  hurry(): void
  /** Counts an answer that is on its way; a collector where the page itself is to be looked at. */
  answered(answer: Answered): Collector | null
  /** A reverse proxy was told where a page is to be had: who was sent where, and nothing of what came of it. */
  sentOn(incoming: Incoming, visit: Visit, arm: Arm): void
  /** An arm did not answer and nothing could stand in for it. */
  failed(incoming: Incoming, visit: Visit, arm: Arm): void
  transactionOf(visit: Visit, incoming: Incoming): string | null
  visitorOf(visit: Visit, incoming: Incoming): string
  /** GW-34: what is open goes to the process that takes over, at once and again at the end. */
  handOn(): void
  takeOver(): void
  /** No other process keeps files here: what others left is ours to send. */
  isAlone(): void
  close(): Promise<void>
}

interface MeasuringParts {
  controlPlane: ControlPlane
  sites: Sites
  directory: string
  clock: Clock
  log: Log
  isOn: boolean
  /** Tells the files of this process from those of one that it takes over from; empty where it is alone. */
  suffix: string
}

/** The shape of contracts.md, "Events". */
type GatewayEvent = Record<string, unknown> & { name: string }

/** Who was sent where. */
type Sent = Pick<Answered, 'incoming' | 'visit' | 'served'>

const spoolBytes = 64 * 1024 * 1024
const saveMs = 30_000
const trafficMs = 60_000
const marksFreshMs = 60_000
const errorsASecond = 50

export function openMeasuring(parts: MeasuringParts): Measuring {
  const { controlPlane, sites, directory, clock, log, isOn, suffix } = parts
  const spools = join(directory, 'spool')
  const shared = { controlPlane, spoolBytes, log }
  const events = openCourier({
    ...shared,
    path: '/api/v1/events',
    list: 'events',
    spoolPath: join(spools, `events${suffix}.ndjson`),
  })
  const reports = openCourier({
    ...shared,
    path: '/api/v1/gateway/reports',
    list: 'reports',
    spoolPath: join(spools, `reports${suffix}.ndjson`),
  })
  const visitors = openVisitors(directory)
  const transactions = openTransactions(join(directory, 'transactions.json'), log)
  const exposures = openExposures()
  const traffic = openTraffic()
  const tellWalk = openWalks(controlPlane, clock, log)
  const marksOf = new Map<string, { marks: Marks; atMs: number }>()
  const errors = { second: 0, sent: 0 }

  function zoneOf(visit: Visit): string {
    return visit.service?.timeZone ?? 'Europe/London'
  }

  function visitorOf(visit: Visit, incoming: Incoming, now: Date): Visitor {
    return visitors.of(visit.site.key, zoneOf(visit), incoming, now)
  }

  /** Whose application it is: in memory only, so the pass may say it whatever the consent. */
  function personOf(visit: Visit, visitor: Visitor): string {
    return `${visit.site.key} ${visit.unit ?? visitor.id}`
  }

  function emit(answer: Sent, visitor: Visitor, now: Date, event: GatewayEvent, facts: object = {}): void {
    const { visit, served } = answer
    const consents = visit.person.consents && visit.unit !== null
    events.send({
      id: randomUUID(),
      time: now.toISOString(),
      service: visit.site.key,
      ...event,
      channel: 'digital',
      arm: served,
      device: visitor.device,
      ...(consents ? { unit: visit.unit } : {}),
      properties: {
        assigned: visit.assigned,
        served,
        rung: visit.rung,
        rolloutVersion: visit.rolloutVersion,
        ...(consents ? {} : { visitor: visitor.id }),
        ...facts,
      },
    })
  }

  function expose(answer: Sent, visitor: Visitor, now: Date): void {
    const { visit, served } = answer
    // In memory the unit tells people of one address apart; whether it enters the event is the consent's to say.
    const who = visit.unit ?? visitor.id
    const says = `${visit.assigned} ${served} ${visit.rung} ${visit.rolloutVersion}`
    if (!exposures.isNew(`${visit.site.key} ${who}`, visitors.dayOf(zoneOf(visit), now), says)) return
    emit(answer, visitor, now, { name: 'exposure' })
  }

  /** GW-22: starts, steps and endings of each journey that this page belongs to. */
  function journeyEvents(answer: Answered, person: string, hits: readonly Hit[], now: Date): [GatewayEvent, object][] {
    const found: [GatewayEvent, object][] = []
    for (const hit of hits) {
      const passage = transactions.pass(person, hit, now.getTime())
      if (passage === null) continue
      const { transaction, sinceStartMs, sincePreviousMs } = passage
      const { place, journey } = hit
      const about = { journey: journey.id, transaction: transaction.id }
      const times = place.kind === 'start' ? {} : { sinceStartMs, sincePreviousMs }
      const facts = { ...times, answerMs: Math.round(answer.milliseconds), startSeen: transaction.hasStart }
      if (place.kind === 'start') found.push([{ name: 'start', ...about }, facts])
      else if (place.kind === 'step') found.push([{ name: 'step', step: place.id, ...about }, facts])
      else found.push([{ name: 'end', step: place.id, outcome: place.outcome, ...about }, facts])
    }
    return found
  }

  /** GW-25: what the page carries is read from the page itself, at most once a minute for each page and arm. */
  function withMarks(answer: Answered, hit: Hit, then: (marks: Marks | null) => void): Collector | null {
    if (!answer.isHtml || answer.incoming.method !== 'GET' || answer.status !== 200) {
      then(null)
      return null
    }
    const name = `${answer.visit.site.key} ${hit.page} ${answer.served}`
    const known = marksOf.get(name)
    if (known !== undefined && performance.now() - known.atMs < marksFreshMs) {
      then(merged(known.marks, answer.inserted))
      return null
    }
    return gatherMarks(answer.encoding, (marks) => {
      if (marks !== null && marksOf.size < 10_000) marksOf.set(name, { marks, atMs: performance.now() })
      then(merged(marks, answer.inserted))
    })
  }

  function failure(answer: Answered, hits: readonly Hit[]): void {
    const now = clock.now()
    const second = Math.floor(now.getTime() / 1000)
    if (errors.second !== second) Object.assign(errors, { second, sent: 0 })
    // The minute's traffic event has them all: a broken arm must not fill the disk with its errors.
    if (errors.sent++ >= errorsASecond) return
    const [hit] = hits
    const about = hit === undefined ? {} : { journey: hit.journey.id, ...stepOf(hit) }
    emit(
      answer,
      visitorOf(answer.visit, answer.incoming, now),
      now,
      { name: 'error', ...about },
      { status: answer.status },
    )
  }

  function answered(answer: Answered): Collector | null {
    const { visit, incoming, status } = answer
    traffic.count(visit.site.key, answer.served, answer.isHtml, status)
    tellWalk(answer)
    if (answer.isExplicit || visit.service === null) return null
    const { method } = incoming
    const pages = hitsOf(visit.service, method, incoming.target.path)
    const isView = status >= 200 && status < 400
    // GW-22: an error page comes with the status of its error, and is an ending all the same.
    const hits = isView ? pages : pages.filter(isErrorPage)
    if (status >= 500) failure(answer, pages)
    const isPage = isView && answer.isHtml && method === 'GET'
    if ((hits.length === 0 && !isPage) || isPrefetch(incoming)) return null
    const now = clock.now()
    const visitor = visitorOf(visit, incoming, now)
    expose(answer, visitor, now)
    const person = personOf(visit, visitor)
    transactions.touch(person, now.getTime())
    const [first] = hits
    if (first === undefined) return null
    const found = journeyEvents(answer, person, hits, now)
    if (found.length === 0) return null
    return withMarks(answer, first, (marks) => {
      for (const [event, facts] of found) emit(answer, visitor, now, event, { ...facts, ...marks })
    })
  }

  function sentOn(incoming: Incoming, visit: Visit, served: Arm): void {
    if (visit.service === null || isPrefetch(incoming)) return
    const now = clock.now()
    expose({ incoming, visit, served }, visitorOf(visit, incoming, now), now)
  }

  function sendTraffic(): void {
    const now = clock.now().toISOString()
    for (const site of sites.all()) {
      for (const { arm, ...facts } of traffic.take(site)) {
        const about = { id: randomUUID(), time: now, service: site.key, name: 'custom.gateway.traffic', arm }
        events.send({ ...about, properties: facts })
      }
    }
  }

  const nothing: Measuring['answered'] = () => null
  const timers = [
    setInterval(() => {
      if (isOn) sendTraffic()
      transactions.sweep(clock.now().getTime())
    }, trafficMs).unref(),
    setInterval(() => save(), saveMs).unref(),
  ]

  function save(): void {
    try {
      transactions.save()
    } catch (error) {
      log.error({ err: error }, 'Open applications could not be kept on disk')
    }
  }

  function isAlone(): void {
    for (const name of readdirSync(spools)) {
      const [, kind, theirs] = /^(events|reports)(\.\w+)?\.ndjson$/.exec(name) ?? []
      if (kind === undefined || (theirs ?? '') === suffix) continue
      ;(kind === 'events' ? events : reports).adopt(join(spools, name))
    }
    transactions.takeOver()
  }

  if (suffix === '') isAlone()
  return {
    handOn: transactions.handOn,
    takeOver: transactions.takeOver,
    isAlone,
    report: (report) => reports.send(report),
    hurry: reports.hurry,
    answered: isOn ? answered : nothing,
    sentOn: isOn ? sentOn : () => {},
    failed(incoming, visit, served) {
      if (!isOn) return
      const rest = { isHtml: false, isExplicit: false, encoding: '', milliseconds: 0, inserted: null }
      answered({ incoming, visit, served, status: 502, ...rest })
    },
    transactionOf(visit, incoming) {
      const now = clock.now()
      return transactions.latest(personOf(visit, visitorOf(visit, incoming, now)), now.getTime())
    },
    visitorOf: (visit, incoming) => visitorOf(visit, incoming, clock.now()).id,
    async close() {
      for (const timer of timers) clearInterval(timer)
      if (isOn) sendTraffic()
      save()
      await Promise.all([events.close(), reports.close()])
    },
  }
}

function isErrorPage({ place }: Hit): boolean {
  return place.kind === 'ending' && place.outcome === 'failed'
}

function stepOf({ place }: Hit): { step?: string } {
  return place.kind === 'start' ? {} : { step: place.id }
}

function merged(marks: Marks | null, inserted: Marks | null): Marks | null {
  if (inserted === null) return marks
  return {
    banner: inserted.banner || marks?.banner === true,
    feedbackLink: inserted.feedbackLink || marks?.feedbackLink === true,
    question: inserted.question || marks?.question === true,
  }
}

/** A page that a browser fetches in case somebody goes there was not seen. */
function isPrefetch({ request: { headers } }: Incoming): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose']
  return typeof purpose === 'string' && /prefetch|prerender|preview/i.test(purpose)
}
