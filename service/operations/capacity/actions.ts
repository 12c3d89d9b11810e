import { calendarDayOf, act, actorName, mustHaveCome, type Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import type { LoadTest, PeakForecast, SevereDefects } from './capacity.ts'
import { findLoadTest, insertForecast, insertLoadTest, insertSevereDefects } from './store.ts'

const deed = ({ id }: Service) => ({ permission: 'capacity.write', service: id, topic: 'capacity' }) as const

/** OPS-7: the newest forecast holds; load tests from before are read against it. */
export async function forecastPeak(
  ctx: Context,
  service: Service,
  { perSecond, basis }: Pick<PeakForecast, 'perSecond' | 'basis'>,
): Promise<void> {
  await act(ctx, deed(service), async (tx, record) => {
    await insertForecast(tx, service.id, { perSecond, basis, at: ctx.clock.now(), by: actorName(ctx.actor) })
    const summary = `expects ${perSecond.toLocaleString('en-GB')} requests a second at the peak`
    record({ action: 'capacity.forecast', summary, reason: basis, detail: { perSecond } })
  })
}

export interface NewLoadTest extends Pick<
  LoadTest,
  'reference' | 'reached' | 'requests' | 'failed' | 'p95Ms' | 'note'
> {
  ranOn?: string | undefined
  link?: string | undefined
}

/** OPS-7: the same reference told twice is one test. */
export async function recordLoadTest(ctx: Context, service: Service, wanted: NewLoadTest): Promise<string> {
  const now = ctx.clock.now()
  const ranOn = wanted.ranOn ?? calendarDayOf(now, service.timeZone)
  mustHaveCome(ranOn, service, now)
  return act(ctx, deed(service), async (tx, record) => {
    const test = { ...wanted, ranOn, link: wanted.link ?? null, recordedAt: now, recordedBy: actorName(ctx.actor) }
    const id = await insertLoadTest(tx, service.id, test)
    if (id === null) {
      const known = await findLoadTest(tx, service.id, test.reference)
      if (known === null) throw new Error('The load test was neither stored nor known')
      return known
    }
    const { reference, reached, requests, failed, p95Ms } = test
    record({
      action: 'capacity.load-test',
      summary: `recorded the load test ${reference}: ${reached.toLocaleString('en-GB')} requests a second`,
      subject: id,
      detail: { reached, requests, failed, p95Ms, ranOn },
    })
    return id
  })
}

/** OPS-8. */
export async function countSevereDefects(
  ctx: Context,
  service: Service,
  { open, source }: Pick<SevereDefects, 'open' | 'source'>,
): Promise<void> {
  await act(ctx, deed(service), async (tx, record) => {
    await insertSevereDefects(tx, service.id, { open, source, at: ctx.clock.now(), by: actorName(ctx.actor) })
    const summary = open === 1 ? 'counted 1 severe defect that is open' : `counted ${open} severe defects that are open`
    record({ action: 'capacity.defects', summary, reason: source, detail: { open } })
  })
}
