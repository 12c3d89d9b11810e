import { featurePreviews, whatViewersSaid } from '../admission/index.ts'
import { findFeature, wholeShare } from '../features/index.ts'
import { ofFeature, type StagedFeature } from '../gates/index.ts'
import { trafficBetween } from '../measures/index.ts'
import { errorChange } from '../operations/index.ts'
import type { Queryable, Reading, Signal, SignalService, Window } from '../platform/index.ts'
import { findServiceById } from '../services/index.ts'
import { daysIn, isBetaDecided, wasPlannedFirst } from './rules.ts'
import { workOf } from './store.ts'
import { acknowledging, type StageWork } from './stages.ts'

type Of = { db: Queryable; service: SignalService; feature: StagedFeature; window: Window; href: string }

/** A signal of a feature that is in its stages; of anything else there is no data. */
function ofStaged(
  signal: Pick<Signal, 'id' | 'unit' | 'says' | 'one'>,
  read: (of: Of) => Promise<Reading | number | boolean> | number | boolean,
): Signal {
  return {
    ...signal,
    of: 'feature',
    async read(db, service, window): Promise<Reading> {
      const { feature: named } = service
      const href = `/services/${service.key}/features${named === undefined ? '' : `/${named.key}/stages`}`
      const feature = named === undefined ? null : await staged(db, service.id, named.key)
      if (feature === null) return { kind: 'no-data', href }
      const answer = await read({ db, service, feature, window, href })
      return typeof answer === 'object'
        ? answer
        : { kind: 'value', value: Number(answer), n: null, asOf: window.to, href }
    },
  }
}

async function staged(db: Queryable, serviceId: string, key: string): Promise<StagedFeature | null> {
  const service = await findServiceById(db, serviceId)
  const feature = await findFeature(db, serviceId, key)
  const subject = service === null || feature === null ? null : ofFeature(service, feature)
  return subject?.kind === 'feature' ? subject.feature : null
}

/** Rounded down, so that it never shows a limit that is not reached. */
function inTenths(value: number): number {
  return Math.floor(10 * value) / 10
}

function ofWork(
  signal: Pick<Signal, 'id' | 'unit' | 'says' | 'one'>,
  read: (work: StageWork, feature: StagedFeature) => number | boolean,
): Signal {
  return ofStaged(signal, async ({ db, feature }) => read(await workOf(db, feature), feature))
}

export const stagesSignals: Signal[] = [
  ofStaged(
    { id: 'stages.days-in-stage', unit: 'count', says: 'days in this stage', one: 'day in this stage' },
    ({ feature, window }) => inTenths(daysIn(feature.course.since, window.to)),
  ),
  ofStaged(
    { id: 'stages.hours-in-stage', unit: 'count', says: 'hours in this stage', one: 'hour in this stage' },
    ({ feature, window }) => inTenths(24 * daysIn(feature.course.since, window.to)),
  ),
  ofWork(
    { id: 'stages.beta-decided', unit: 'yes-no', says: 'decided with Growth and Support whether it has a beta' },
    ({ decision }, feature) => isBetaDecided(feature, decision),
  ),
  ofWork(
    { id: 'stages.acknowledged', unit: 'count', says: `of ${acknowledging.length} acknowledged that it is ready` },
    ({ request }) => request?.acknowledgements.length ?? 0,
  ),
  ofWork(
    { id: 'stages.planned-first', unit: 'yes-no', says: 'talked about in planning, before the request' },
    ({ planning, request }) => wasPlannedFirst(planning, request),
  ),
  ofWork(
    { id: 'stages.announced', unit: 'yes-no', says: 'the company knows that it is there, and when it is public' },
    ({ announcements }, { course }) => announcements.some(({ at }) => at >= course.since),
  ),
  ofWork(
    {
      id: 'stages.tests-open',
      unit: 'count',
      says: 'assigned tests without a result',
      one: 'assigned test without a result',
    },
    ({ testers }) => testers.filter(({ result }) => result === null).length,
  ),
  ofStaged(
    {
      id: 'stages.tests-failed',
      unit: 'count',
      says: 'assigned tests that found it failing',
      one: 'assigned test that found it failing',
    },
    async ({ db, feature, window, href }) => {
      const results = (await workOf(db, feature)).testers.flatMap(({ result }) => result ?? [])
      // P6: what nobody tried has not passed.
      if (results.length === 0) return { kind: 'no-data', href }
      const value = results.filter(({ kind }) => kind === 'fails').length
      return { kind: 'value', value, n: results.length, asOf: window.to, href }
    },
  ),
  ofStaged(
    { id: 'stages.previews-approved', unit: 'count', says: 'said yes to its preview' },
    async ({ db, feature }) => whatViewersSaid(await featurePreviews(db, feature.id)).yes,
  ),
  ofStaged({ id: 'stages.on-for-everyone', unit: 'yes-no', says: 'on, for everybody' }, ({ feature }) => {
    const opens = feature.course.stage === 'public-release' || feature.course.stage === 'removal'
    return feature.isOn && opens && feature.share === wholeShare
  }),
  ofStaged(
    {
      id: 'stages.new-errors',
      unit: 'count',
      says: 'failed requests in 1,000 more than before, at the least',
      one: 'failed request in 1,000 more than before, at the least',
    },
    newErrors,
  ),
]

/** FEAT-17: what failed since the stage began against the same span before it, with an interval that holds at every look. */
async function newErrors({ db, service, feature, window, href }: Of): Promise<Reading> {
  const { since } = feature.course
  const span = Math.min(window.to.getTime() - since.getTime(), window.to.getTime() - window.from.getTime())
  if (span <= 0) return { kind: 'no-data', href }
  const before = { from: new Date(since.getTime() - span), to: since }
  const after = { from: since, to: new Date(since.getTime() + span) }
  const change = errorChange([
    {
      before: await trafficBetween(db, service.id, 'new', before),
      after: await trafficBetween(db, service.id, 'new', after),
    },
  ])
  if (change.kind !== 'value') return { ...change, href }
  const { low, high, n } = change
  return { kind: 'value', value: Math.max(0, low), n, low, high, asOf: window.to, href }
}
