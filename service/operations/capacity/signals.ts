import {
  calendarDayOf,
  readTogether,
  type Queryable,
  type Reading,
  type Signal,
  type SignalService,
  type Window,
} from '../../platform/index.ts'
import type { Capacity } from './capacity.ts'
import { answerFor, type PeakAnswer } from './rules.ts'
import { capacities } from './store.ts'

const hrefOf = ({ key }: SignalService): string => `/services/${key}/capacity`

/** OPS-7: of the newest test in the window, against the forecast of now. */
async function answerIn(db: Queryable, service: SignalService, window: Window): Promise<PeakAnswer | null> {
  const { forecasts, loadTests } = await capacity(db, service, window)
  const [test] = loadTests
  return test === undefined || test.ranOn < calendarDayOf(window.from, service.timeZone)
    ? null
    : answerFor(forecasts[0], test)
}

async function capacity(db: Queryable, service: SignalService, { look }: Window): Promise<Capacity> {
  const found = await readTogether(look, service, 'capacity', (ids) => capacities(db, ids))
  return found ?? { forecasts: [], loadTests: [], severeDefects: [] }
}

function ofNewestTest(
  signal: Pick<Signal, 'id' | 'unit' | 'says' | 'one'>,
  read: (answer: PeakAnswer) => { value: number; low?: number; high?: number } | null,
): Signal {
  return {
    ...signal,
    async read(db, service, window): Promise<Reading> {
      const href = hrefOf(service)
      const answer = await answerIn(db, service, window)
      const found = answer === null ? null : read(answer)
      if (answer === null || found === null) return { kind: 'no-data', href }
      const { perSecond } = answer.forecast
      const definition = `Forecast peak of ${perSecond.toLocaleString('en-GB')} requests a second`
      return { kind: 'value', ...found, n: answer.test.requests, definition, asOf: window.to, href }
    },
  }
}

export const capacitySignals: Signal[] = [
  ofNewestTest(
    {
      id: 'operations.load-test-reach',
      unit: 'percent',
      says: 'of the forecast peak was held by the newest load test',
    },
    ({ reach }) => ({ value: reach }),
  ),
  ofNewestTest(
    {
      id: 'operations.load-test-errors',
      unit: 'percent',
      says: 'of requests failed in the newest load test, at the forecast peak',
    },
    ({ atPeak }) => atPeak && { value: atPeak.failedPercent, low: atPeak.low, high: atPeak.high },
  ),
  ofNewestTest(
    {
      id: 'operations.load-test-p95',
      unit: 'milliseconds',
      says: 'was enough for 95 of 100 answers of the newest load test, at the forecast peak',
    },
    ({ atPeak }) => atPeak && { value: atPeak.p95Ms },
  ),
  {
    id: 'operations.severe-defects-open',
    unit: 'count',
    says: 'severe defects are open, by the last count of the team',
    one: 'severe defect is open, by the last count of the team',
    async read(db, service, window): Promise<Reading> {
      const { from, to } = window
      const href = `${hrefOf(service)}#defects`
      const [last] = (await capacity(db, service, window)).severeDefects
      if (last === undefined || last.at < from) return { kind: 'no-data', href }
      return { kind: 'value', value: last.open, n: null, asOf: to, href }
    },
  },
]
