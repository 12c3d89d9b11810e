import { calendarDayOf, type Queryable, type Reading, type Signal, type SignalService } from '../platform/index.ts'
import { findServiceById } from '../services/index.ts'
import { deviationNow, isBeyond } from './deviation.ts'
import { openNow } from './reads.ts'
import { findPlan } from './store.ts'

const page = (service: SignalService): string => `/services/${service.key}/plan`

export const rolloutsSignals: Signal[] = [
  {
    id: 'rollouts.steps-closed',
    unit: 'count',
    says: 'steps of the rollout closed with an answer',
    one: 'step of the rollout closed with an answer',
    async read(db, service, { from, to }): Promise<Reading> {
      const href = page(service)
      const plan = await findPlan(db, { serviceId: service.id, featureId: null })
      if (plan === null || plan.turns.length === 0) return { kind: 'no-data', href }
      const closed = plan.turns.filter(({ end }) => end?.kind === 'closed' && end.at >= from && end.at < to)
      const positions = new Set(closed.map(({ position }) => position))
      return { kind: 'value', value: positions.size, n: null, asOf: to, href }
    },
  },
  {
    id: 'rollouts.open-questions',
    unit: 'count',
    says: 'steps of the rollout that started and have no answer yet',
    one: 'step of the rollout that started and has no answer yet',
    async read(db, service, { to }): Promise<Reading> {
      const href = page(service)
      const plan = await findPlan(db, { serviceId: service.id, featureId: null })
      if (plan === null || plan.turns.length === 0) return { kind: 'no-data', href }
      const open = plan.turns.filter(({ end, answer }) => end === null && answer === '')
      return { kind: 'value', value: open.length, n: null, asOf: to, href }
    },
  },
  {
    id: 'rollouts.on-plan',
    unit: 'yes-no',
    says: 'what is open is as the rollout plan has it by now',
    read: (db, service, { to }) => onPlan(db, service, to),
  },
]

async function onPlan(db: Queryable, service: SignalService, at: Date): Promise<Reading> {
  const href = page(service)
  const plan = await findPlan(db, { serviceId: service.id, featureId: null })
  const whole = await findServiceById(db, service.id)
  if (plan === null || whole === null || plan.turns.length === 0) return { kind: 'no-data', href }
  const { timeZone } = whole
  const deviation = deviationNow(
    plan,
    timeZone,
    calendarDayOf(at, timeZone),
    await openNow(db, { service: whole, feature: null }),
  )
  return { kind: 'value', value: isBeyond(deviation, plan.deviation) ? 0 : 1, n: null, asOf: at, href }
}
