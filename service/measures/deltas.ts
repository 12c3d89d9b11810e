import { contributionOf, hourOf, newApplication, withEvent, type Application, type Contribution } from './rules.ts'
import { exposureOf } from './event.ts'
import { hourMs, type Audience, type MeasuredArm, type MeasuredEvent } from './measures.ts'

/** What a batch of new events changes in the figures: rows to add up, one per key. */
export interface Deltas {
  applications: Application[]
  hours: HourDelta[]
  durations: DurationDelta[]
  steps: StepDelta[]
  pages: PageSeen[]
  units: Seen<{ serviceId: string; arm: MeasuredArm; audience: Audience; unit: string; completedAt: number | null }>[]
  visitors: { serviceId: string; day: string; arm: MeasuredArm; visitor: string }[]
  exposures: Seen<ExposureKey & { unit: string | null; hour: number }>[]
  sources: Seen<{ serviceId: string; name: string }>[]
}

export interface HourDelta {
  serviceId: string
  hour: number
  journey: string
  arm: MeasuredArm
  audience: Audience
  starts: number
  completed: number
  refused: number
  failed: number
  pages: number
  errors: number
  /** Ends that failed. Some sources send an error as well, some do not: a reader takes the larger of the two. */
  failedPages: number
  serverErrors: number
  requests: number
  failedRequests: number
}

export interface DurationDelta extends Place {
  bucket: number
  n: number
}

export interface StepDelta extends Place {
  step: string
  reached: number
}

export type PageSeen = Seen<{
  serviceId: string
  journey: string
  kind: string
  page: string
  arm: MeasuredArm
  audience: Audience
  bannerAt: number | null
  feedbackAt: number | null
  questionAt: number | null
}>

interface Place {
  serviceId: string
  hour: number
  journey: string
  arm: MeasuredArm
  audience: Audience
}

interface ExposureKey {
  serviceId: string
  rolloutVersion: number
  assigned: MeasuredArm
  served: MeasuredArm
  rung: string
  slice: string
}

export type Seen<T> = T & { firstAt: number; lastAt: number; n: number }

/** What a gateway says once a minute of each arm: all requests, and those that ended in a server error. */
const traffic = 'custom.gateway.traffic'

/** Sums by key; rows come out in the order of their keys, so that two writers take their locks in the same order. */
class Sums<T extends { serviceId: string }> {
  readonly #rows = new Map<string, T>()

  at(key: string, make: () => T): T {
    let row = this.#rows.get(key)
    if (row === undefined) this.#rows.set(key, (row = make()))
    return row
  }

  sorted(keep: (row: T) => boolean = () => true): T[] {
    return [...this.#rows]
      .sort(([a, one], [b, other]) => compare(one.serviceId, other.serviceId) || compare(a, b))
      .map(([, row]) => row)
      .filter(keep)
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** `known`: the applications that the events name, as they stand. `dayOf`: the service's own day. */
export function deltasOf(
  events: MeasuredEvent[],
  known: ReadonlyMap<string, Application>,
  dayOf: (serviceId: string, at: number) => string,
): Deltas {
  const tally = new Tally()
  const after = new Map<string, Application>()
  for (const event of events) {
    tally.traffic(event)
    tally.seen(event, dayOf)
    const key = event.application
    if (key === null) continue
    after.set(key, withEvent(after.get(key) ?? known.get(key) ?? newApplication(event), event))
  }
  for (const [key, application] of after) {
    const before = known.get(key)
    const counted = before === undefined ? null : contributionOf(before)
    const counts = contributionOf(application)
    if (counted !== null) tally.add(counted, -1)
    if (counts !== null) tally.add(counts, 1)
  }
  const applications = [...after].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, application]) => application)
  return { applications, ...tally.rows() }
}

class Tally {
  readonly #hours = new Sums<HourDelta>()
  readonly #durations = new Sums<DurationDelta>()
  readonly #steps = new Sums<StepDelta>()
  readonly #pages = new Sums<Deltas['pages'][number]>()
  readonly #units = new Sums<Deltas['units'][number]>()
  readonly #visitors = new Sums<Deltas['visitors'][number]>()
  readonly #exposures = new Sums<Deltas['exposures'][number]>()
  readonly #sources = new Sums<Deltas['sources'][number]>()
  readonly #numbers = new Map<string, number>()

  /** A short name for a service within this batch: keys are made for every event, and long ones cost. */
  #no(serviceId: string): number {
    const known = this.#numbers.get(serviceId)
    if (known !== undefined) return known
    this.#numbers.set(serviceId, this.#numbers.size)
    return this.#numbers.size - 1
  }

  #key({ serviceId, hour, journey, arm, audience }: Place): string {
    return `${this.#no(serviceId)} ${hour / hourMs} ${journey} ${arm} ${audience}`
  }

  /** Adds an application to the figures (1), or takes it out again (-1). */
  add(counts: Contribution, sign: 1 | -1): void {
    const { serviceId, hour, journey, arm, audience } = counts
    const place = { serviceId, hour, journey, arm, audience }
    const key = this.#key(place)
    const row = this.#hours.at(key, () => emptyHour(place))
    row.starts += sign
    if (counts.outcome !== null) row[counts.outcome] += sign
    const { bucket } = counts
    if (bucket !== null) this.#durations.at(`${key} ${bucket}`, () => ({ ...place, bucket, n: 0 })).n += sign
    for (const step of counts.steps)
      this.#steps.at(`${key} ${step}`, () => ({ ...place, step, reached: 0 })).reached += sign
  }

  /** Pages, errors and requests: at their own hour, under the arm that answered. */
  traffic(event: MeasuredEvent): void {
    const isPage = event.name === 'start' || event.name === 'step' || event.name === 'end' || event.name === 'error'
    if (!isPage && event.name !== traffic) return
    const place = {
      serviceId: event.serviceId,
      hour: hourOf(event.at),
      journey: event.journey ?? '',
      arm: event.arm,
      audience: event.audience,
    }
    const row = this.#hours.at(this.#key(place), () => emptyHour(place))
    if (!isPage) {
      row.requests += count(event.properties?.requests)
      row.failedRequests += Math.min(count(event.properties?.errors), count(event.properties?.requests))
      return
    }
    if (event.name === 'error') row.errors += 1
    else if (event.outcome === 'failed') row.failedPages += 1
    else row.pages += 1
    if (event.name === 'error' && Number(event.properties?.status) >= 500) row.serverErrors += 1
    this.#page(event)
  }

  #page(event: MeasuredEvent): void {
    const { serviceId, arm, audience, name: kind, at, properties } = event
    const journey = event.journey ?? ''
    const page = event.step ?? event.outcome ?? ''
    const never: number | null = null
    const made = {
      serviceId,
      journey,
      kind,
      page,
      arm,
      audience,
      bannerAt: never,
      feedbackAt: never,
      questionAt: never,
    }
    const row: PageSeen = saw<Omit<PageSeen, keyof Seen<object>>>(
      this.#pages,
      `${this.#no(serviceId)} ${journey} ${kind} ${page} ${arm} ${audience}`,
      made,
      at,
    )
    if (properties?.banner === true) row.bannerAt = Math.max(row.bannerAt ?? at, at)
    if (properties?.feedbackLink === true) row.feedbackAt = Math.max(row.feedbackAt ?? at, at)
    if (properties?.question === true) row.questionAt = Math.max(row.questionAt ?? at, at)
  }

  seen(event: MeasuredEvent, dayOf: (serviceId: string, at: number) => string): void {
    const { serviceId, arm, audience, unit, at, name } = event
    saw(this.#sources, `${this.#no(serviceId)} ${name}`, { serviceId, name }, at)
    if (name === 'exposure') return this.#exposure(event)
    if (name === 'error' || name === traffic) return
    const visitor = event.properties?.visitor
    if (unit !== null) {
      const made = { serviceId, arm, audience, unit, completedAt: null }
      const row: Deltas['units'][number] = saw<Omit<typeof made, 'completedAt'> & { completedAt: number | null }>(
        this.#units,
        `${this.#no(serviceId)} ${arm} ${unit}`,
        made,
        at,
      )
      if (name === 'end' && event.outcome === 'completed') row.completedAt = Math.min(row.completedAt ?? at, at)
    } else if (typeof visitor === 'string' && visitor !== '' && audience === 'public') {
      const day = dayOf(serviceId, at)
      this.#visitors.at(`${this.#no(serviceId)} ${day} ${arm} ${visitor}`, () => ({
        serviceId,
        day,
        arm,
        visitor: visitor.slice(0, 100),
      }))
    }
  }

  #exposure(event: MeasuredEvent): void {
    const { serviceId, unit, at, assigned, arm: served } = event
    const hour = hourOf(at)
    const who = { serviceId, assigned, served, ...exposureOf(event) }
    const key = `${this.#no(serviceId)} ${unit ?? ''} ${who.rolloutVersion} ${assigned} ${served} ${who.rung} ${who.slice} ${hour}`
    saw(this.#exposures, key, { ...who, unit, hour }, at)
  }

  rows(): Omit<Deltas, 'applications'> {
    const changed = (row: HourDelta) => counters.some((name) => row[name] !== 0)
    return {
      hours: this.#hours.sorted(changed),
      durations: this.#durations.sorted(({ n }) => n !== 0),
      steps: this.#steps.sorted(({ reached }) => reached !== 0),
      pages: this.#pages.sorted(),
      units: this.#units.sorted(),
      visitors: this.#visitors.sorted(),
      exposures: this.#exposures.sorted(),
      sources: this.#sources.sorted(),
    }
  }
}

function saw<T extends { serviceId: string }>(rows: Sums<Seen<T>>, key: string, made: T, at: number): Seen<T> {
  const row = rows.at(key, () => ({ ...made, firstAt: at, lastAt: at, n: 0 }))
  row.firstAt = Math.min(row.firstAt, at)
  row.lastAt = Math.max(row.lastAt, at)
  row.n += 1
  return row
}

const counters = [
  'starts',
  'completed',
  'refused',
  'failed',
  'pages',
  'errors',
  'failedPages',
  'serverErrors',
  'requests',
  'failedRequests',
] as const

function emptyHour(place: Place): HourDelta {
  const none = { starts: 0, completed: 0, refused: 0, failed: 0, pages: 0, errors: 0, failedPages: 0, serverErrors: 0 }
  return { ...place, ...none, requests: 0, failedRequests: 0 }
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? Math.min(value, 1_000_000_000) : 0
}
