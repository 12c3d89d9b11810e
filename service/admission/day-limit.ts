import { findServiceById, type Service } from '../services/index.ts'
import { act, type Context, type Queryable } from '../platform/index.ts'
import { putDayLimit, readDayLimit } from './day-limit-store.ts'
import { lockRollout } from './store.ts'

const topic = 'admission'

/** What measuring knows: transactions that began in the new service since the midnight of the service. */
export type StartsToday = (db: Queryable, service: Pick<Service, 'id' | 'timeZone'>, at: Date) => Promise<number>

let startsToday: StartsToday = async () => 0

export function useStartsToday(read: StartsToday): void {
  startsToday = read
}

export interface DayLimit {
  /** Null for none. */
  most: number | null
  begun: number
}

export async function readDay(db: Queryable, service: Pick<Service, 'id' | 'timeZone'>, at: Date): Promise<DayLimit> {
  const most = await readDayLimit(db, service.id)
  return { most, begun: most === null ? 0 : await startsToday(db, service, at) }
}

/** ADM-66: at the limit nobody new comes in before the service's own midnight; who is in stays in. */
export async function isDayFull(db: Queryable, serviceId: string, at: Date): Promise<boolean> {
  const most = await readDayLimit(db, serviceId)
  if (most === null) return false
  const service = await findServiceById(db, serviceId)
  return service !== null && (await startsToday(db, service, at)) >= most
}

export async function setDayLimit(
  ctx: Context,
  service: Service,
  to: { most: number | null; reason: string },
): Promise<void> {
  await act(ctx, { permission: 'admission.share', service: service.id, topic }, async (tx, record) => {
    await lockRollout(tx, service.id)
    const before = await readDayLimit(tx, service.id)
    if (before === to.most) return
    await putDayLimit(tx, service.id, to.most)
    const say = (most: number | null): string => (most === null ? 'no limit' : most.toLocaleString('en-GB'))
    record({
      action: 'admission.day-limit',
      summary: `changed how many journeys may begin a day in the new service from ${say(before)} to ${say(to.most)}`,
      ...(to.reason === '' ? {} : { reason: to.reason }),
      detail: { from: before, to: to.most },
    })
  })
}
